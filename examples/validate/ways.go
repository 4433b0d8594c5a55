package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strconv"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// The ways that are Go, or have their documents from Go.
const (
	exchangeWay = "exchange" // natively, without a gateway
	gatewayWay  = "gateway"  // net/http and the codec of pkg/xmlrpc
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
	document, err := xmlrpc.AppendCall(nil, c.Method, params, nil)
	if err != nil {
		return nil, err
	}
	post := postCurl("--http1.1")
	switch way {
	case gatewayWay:
		post = postHTTP
	case curl10Way:
		post = postCurl("--http1.0")
	}
	answer, err := post(ctx, gateway+c.path(), document)
	if err != nil {
		return nil, err
	}
	return xmlrpc.DecodeResponse(answer, "text/xml", nil)
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

// poster sends a document and returns the answer's.
type poster func(ctx context.Context, url string, document []byte) ([]byte, error)

func postHTTP(ctx context.Context, url string, document []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "text/xml")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %s", response.Status)
	}
	return io.ReadAll(response.Body)
}

func postCurl(version string) poster {
	return func(ctx context.Context, url string, document []byte) ([]byte, error) {
		curl := exec.CommandContext(ctx, "curl", version, "--silent", "--show-error", "--fail",
			"--header", "Content-Type: text/xml", "--data-binary", "@-", url)
		curl.Stdin = bytes.NewReader(document)
		return curl.Output()
	}
}
