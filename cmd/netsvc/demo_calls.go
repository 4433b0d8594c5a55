package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

const gatewayTimeout = 30 * time.Second

// callExchange calls math.multiply through an exchange.
func callExchange(ctx context.Context, address string, x, y int) (any, error) {
	conn, err := service.Connect(ctx, address, &service.Options{Once: true})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.Endpoint("math").Call(ctx, "multiply", x, y)
}

// maxAnswer bounds what is read of the gateway's answer.
const maxAnswer = 64 << 10

// callGateway calls multiply at the URL of math, as any XML-RPC client would.
func callGateway(ctx context.Context, url string, x, y int) (any, error) {
	document, err := xmlrpc.AppendCall(nil, "multiply", []any{x, y}, nil)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "text/xml")
	client := http.Client{Timeout: gatewayTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: HTTP %s: %s", url, response.Status, bytes.TrimSpace(answer))
	}
	return xmlrpc.DecodeResponse(answer, response.Header.Get("Content-Type"), nil)
}
