package command

import (
	"cmp"
	"errors"
	"net/url"
	"strings"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// The paths of a gateway, as they are unless it is told others.
const (
	gatewayMount   = "/xmlrpc/service"
	gatewayForAll  = "/RPC2" // the method's name begins with that of the service
	defaultGateway = "http://127.0.0.1:8000" + gatewayMount
)

// writeCurl makes the outcome of a call that is left to curl and a gateway: a line for sh.
func (c *call) writeCurl(o *outcome, args []any) error {
	if err := c.keepsSecrets("--curl would show it"); err != nil {
		return err
	}
	place, method, err := c.post()
	if err != nil {
		return err
	}
	if at, what := formless(args, "params"); what != "" {
		return usage("", "call --curl: no XML-RPC form: %s: %s", at, what)
	}
	document, err := xmlrpc.AppendCall(nil, method, args, nil)
	var refused *xmlrpc.EncodeError
	if errors.As(err, &refused) {
		return usage("", "call --curl: no XML-RPC form: %v", refused)
	}
	if err != nil {
		return err
	}
	o.text = []byte("curl -sS -H 'Content-Type: text/xml' --data-binary " + shellQuoted(string(document)) + " " + shellQuoted(place) + "\n")
	return nil
}

// keepsSecrets refuses what would put the value of a secret argument where others can read it.
func (c *call) keepsSecrets(why string) error {
	sig := c.signature()
	if sig == nil {
		return nil
	}
	for _, p := range sig.Params {
		if p.Secret {
			e := usage("", "argument %s is secret, and %s", p.Name, why)
			e.Service, e.Method = c.target, c.method
			return e
		}
	}
	return nil
}

// post is the URL to post the call to, and the name of the method there.
func (c *call) post() (place, method string, err error) {
	u, err := url.Parse(cmp.Or(c.env.Settings.Gateway, defaultGateway))
	if err != nil {
		return "", "", usage("", "call --curl: %v", err)
	}
	path := strings.TrimSuffix(u.Path, "/")
	switch {
	case strings.HasSuffix(path, gatewayForAll):
		return u.String(), c.target + "." + c.method, nil
	case strings.HasSuffix(path, "/"+c.target):
	case path == "":
		path = gatewayMount + "/" + c.target
	default:
		path += "/" + c.target
	}
	u.Path, u.RawPath = path, ""
	return u.String(), c.method, nil
}
