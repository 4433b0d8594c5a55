package main

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"slices"
	"strconv"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// The ways that are Go, or have their documents from Go.
const (
	exchangeWay = "exchange" // natively, without a gateway
	gatewayWay  = "gateway"  // the client of pkg/xmlrpc
	curlWay     = "curl"     // HTTP/1.1 by curl
	curl10Way   = "curl-1.0" // HTTP/1.0 by curl
)

var goWays = []string{exchangeWay, gatewayWay, curlWay, curl10Way}

func isWay(name string) bool {
	_, isDriver := drivers[name]
	return isDriver || slices.Contains(goWays, name)
}

// run makes all calls that a way can make, one after the other, and returns what came of them by
// the names of the cases.
func (s *suite) run(ctx context.Context, way string, conn *service.Conn, gateway string) (map[string]outcome, error) {
	checks := s.offered(way)
	if d, ok := drivers[way]; ok {
		return d.run(ctx, gateway, checks)
	}
	outcomes := make(map[string]outcome, len(checks))
	for i := range checks {
		v, err := checks[i].call(ctx, way, conn, gateway)
		outcomes[checks[i].Name] = outcomeOf(v, err)
	}
	return outcomes, ctx.Err()
}

// outcomeOf is a value, a fault or an error.
func outcomeOf(v any, err error) outcome {
	var fault *xmlrpc.Fault
	switch {
	case errors.As(err, &fault):
		return outcome{"fault": strconv.Itoa(fault.Code)}
	case err != nil:
		return outcome{"error": err.Error()}
	}
	return outcome(formOf(v))
}

func (c *check) call(ctx context.Context, way string, conn *service.Conn, gateway string) (any, error) {
	params := make([]any, len(c.Params))
	for i := range c.Params {
		v, err := parseForm(c.Params[i])
		if err != nil {
			return nil, err
		}
		params[i] = v
	}
	if way == exchangeWay {
		return c.callNatively(ctx, conn, params)
	}
	switch way {
	case gatewayWay:
		return c.callGateway(ctx, gateway, params)
	case curl10Way:
		return c.callCurl(ctx, "--http1.0", gateway, params)
	}
	return c.callCurl(ctx, "--http1.1", gateway, params)
}

func (c *check) callGateway(ctx context.Context, gateway string, params []any) (any, error) {
	client, err := xmlrpc.NewClient(gateway+c.path(), nil)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return client.Call(ctx, c.Method, params...)
}

func (c *check) path() string {
	if c.Path == "" {
		return "/RPC2"
	}
	return c.Path
}

// callNatively turns a failure into the fault that a gateway would make of it, so that both have
// one table.
func (c *check) callNatively(ctx context.Context, conn *service.Conn, params []any) (any, error) {
	target, method := c.target()
	v, err := conn.Endpoint(target).Call(ctx, method, params...)
	switch {
	case errors.Is(err, service.ErrNoMethod):
		return nil, &xmlrpc.Fault{Code: xmlrpc.CodeNoMethod}
	case errors.Is(err, service.ErrBadParams):
		return nil, &xmlrpc.Fault{Code: xmlrpc.CodeBadParams}
	case errors.Is(err, service.ErrApplication):
		return nil, &xmlrpc.Fault{Code: xmlrpc.CodeApplication}
	}
	return v, err
}

func (c *check) callCurl(ctx context.Context, version, gateway string, params []any) (any, error) {
	document, err := xmlrpc.AppendCall(nil, c.Method, params, nil)
	if err != nil {
		return nil, err
	}
	curl := exec.CommandContext(ctx, "curl", version, "--silent", "--show-error", "--fail",
		"--header", "Content-Type: text/xml", "--data-binary", "@-", gateway+c.path())
	curl.Stdin = bytes.NewReader(document)
	answer, err := curl.Output()
	if err != nil {
		return nil, err
	}
	return xmlrpc.DecodeResponse(answer, "text/xml", nil)
}
