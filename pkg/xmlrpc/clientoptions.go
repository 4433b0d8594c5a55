package xmlrpc

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// ClientOptions tunes a Client. Nil or the zero value is ready for production.
type ClientOptions struct {
	// Timeout bounds a call whose context has no deadline. Zero means 30 s.
	Timeout time.Duration
	// ConnectTimeout bounds the making of a connection, and TLS on it. Zero means 5 s.
	ConnectTimeout time.Duration
	// Connections bounds the connections that are open at once, and so the calls; a further one
	// waits for its turn as long as its context lasts. They are kept for the next calls. Zero
	// means 64.
	Connections int

	// TLS is for https. Nil means the certificates that the system trusts.
	TLS *tls.Config
	// User and Password are sent with each call, as basic authentication. The URL may have them,
	// too.
	User, Password string
	// Token is sent with each call as a bearer token, in place of User.
	Token string
	// Header is sent with each call. Fields that the Client sets itself are taken from it.
	Header http.Header

	// Zip is the coding of requests that are at least ZipBytes long: "gzip", "deflate", or empty for
	// none. Not every server can read zipped requests. Answers are unzipped in any case.
	Zip string
	// ZipBytes is zero for 1,024.
	ZipBytes int

	// Dialect is how calls are written.
	Dialect Dialect
	// Decode is how answers are read. Its Limits.Bytes bounds an answer before and after it is
	// unzipped.
	Decode DecodeOptions

	// Transport sends requests in place of one of the Client's own: for a proxy, for other ways to
	// connect. Then ConnectTimeout, Connections and TLS must be zero. It has to leave redirects and
	// zipped answers alone, as http.Transport does.
	Transport http.RoundTripper
}

const (
	defaultTimeout        = 30 * time.Second
	defaultConnectTimeout = 5 * time.Second
	defaultConnections    = 64
	// idle is how long a connection is kept without a call. Most servers keep it for longer.
	idle = 30 * time.Second
)

// withDefaults checks the options and fills in what is zero.
func (o *ClientOptions) withDefaults() (ClientOptions, error) {
	var given ClientOptions
	if o != nil {
		given = *o
	}
	if err := given.check(); err != nil {
		return given, err
	}
	if given.Timeout == 0 {
		given.Timeout = defaultTimeout
	}
	if given.ConnectTimeout == 0 {
		given.ConnectTimeout = defaultConnectTimeout
	}
	given.Connections = positive(given.Connections, defaultConnections)
	given.ZipBytes = positive(given.ZipBytes, minZipped)
	given.Decode.Limits = given.Decode.Limits.orDefault()
	given.Header = given.Header.Clone()
	return given, nil
}

func (o *ClientOptions) check() error {
	switch {
	case o.Timeout < 0, o.ConnectTimeout < 0, o.Connections < 0, o.ZipBytes < 0:
		return errors.New("xmlrpc: a Client's times and limits cannot be negative")
	case o.Zip != "" && o.Zip != codingGzip && o.Zip != codingDeflate:
		return fmt.Errorf("xmlrpc: ClientOptions.Zip is %q, want gzip or deflate", o.Zip)
	case o.Token != "" && (o.User != "" || o.Password != ""):
		return errors.New("xmlrpc: ClientOptions has both User and Token")
	case o.Transport != nil && (o.TLS != nil || o.ConnectTimeout != 0 || o.Connections != 0):
		return errors.New("xmlrpc: TLS, ConnectTimeout and Connections are for the Client's own transport")
	}
	return o.checkFields()
}

// authorization is the header field for who calls, empty for nobody.
func (o *ClientOptions) authorization(inURL *url.Userinfo) string {
	user, password := o.User, o.Password
	if o.Token == "" && user == "" && password == "" && inURL != nil {
		user = inURL.Username()
		password, _ = inURL.Password()
	}
	switch {
	case o.Token != "":
		return "Bearer " + o.Token
	case user != "" || password != "":
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	return ""
}

// transport makes the Client's own. It speaks HTTP/1.1, which every server of XML-RPC does.
func (o *ClientOptions) transport() *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	dialer := net.Dialer{Timeout: o.ConnectTimeout}
	return &http.Transport{
		DialContext:         dialer.DialContext,
		TLSClientConfig:     o.TLS.Clone(),
		TLSHandshakeTimeout: o.ConnectTimeout,
		DisableCompression:  true, // answers are unzipped where their limit is known
		MaxConnsPerHost:     o.Connections,
		MaxIdleConns:        o.Connections,
		MaxIdleConnsPerHost: o.Connections,
		IdleConnTimeout:     idle,
		Protocols:           &protocols,
	}
}
