package xmlrpc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Client makes calls at one URL. It may be used by any number of goroutines at once; all its
// calls share its connections.
//
// # Errors
//
// What a call fails with tells whether the method may have run:
//
//   - *Fault: the server answered with a fault. [Fault.Failure] says what it means.
//   - *TransportError: there is no answer of XML-RPC, and why: no connection, a deadline, a
//     status of HTTP. It has a failure, too.
//   - *EncodeError: the arguments cannot be written. Nothing was sent.
//   - *DecodeError: there is an answer of HTTP 200, and it cannot be read. The method has
//     probably run.
//
// Through Fault and TransportError errors.As finds a *wire.Failure, and errors.Is its code:
// service.ErrNoService, context.DeadlineExceeded.
//
// Nothing is sent twice, unless the transport finds that nothing of it has left, and redirects are
// not followed: their answer would be that of another method of HTTP at a place nobody named.
type Client struct {
	target        url.URL // without the user
	opts          ClientOptions
	authorization string
	transport     http.RoundTripper
	own           *http.Transport // nil when the transport is the caller's
}

// NewClient returns a client for the server at an http or https URL. It does not connect yet. Nil
// opts means defaults. The error says what is wrong with the URL, without the password in it, or
// with the options.
func NewClient(target string, opts *ClientOptions) (*Client, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	u, err := parseTarget(target)
	if err != nil {
		return nil, err
	}
	c := &Client{target: *u, opts: o, authorization: o.authorization(u.User), transport: o.Transport}
	c.target.User = nil
	if c.transport == nil {
		c.own = o.transport()
		c.transport = c.own
	}
	return c, nil
}

func parseTarget(target string) (*url.URL, error) {
	u, err := url.Parse(target)
	if err != nil {
		var of *url.Error // it repeats the URL, password and all
		if errors.As(err, &of) {
			err = of.Err
		}
		return nil, fmt.Errorf("xmlrpc: the URL cannot be read: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("xmlrpc: %s is no URL such as http://127.0.0.1:8000/RPC2", u.Redacted())
	}
	return u, nil
}

// URL is where the calls go, without user and password.
func (c *Client) URL() string { return c.target.String() }

// Call calls a method and waits for its result, in the forms of package value. The arguments are
// Go values as [AppendCall] takes them, structs included. It ends with ctx at the latest, and
// after ClientOptions.Timeout when ctx has no deadline.
func (c *Client) Call(ctx context.Context, method string, args ...any) (any, error) {
	document, err := AppendCall(nil, method, args, &c.opts.Dialect)
	if err != nil {
		return nil, err
	}
	return c.post(ctx, document)
}

// CallInto is Call with the result put into what into points to, as [Scan] does. The path of a
// result that does not fit begins with result; the method has run then.
func (c *Client) CallInto(ctx context.Context, into any, method string, args ...any) error {
	v, err := c.Call(ctx, method, args...)
	if err != nil {
		return err
	}
	return scan("result", v, into)
}

// Close closes the connections that no call uses. Calls may go on, and begin.
func (c *Client) Close() {
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}
