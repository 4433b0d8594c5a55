package main

import (
	"context"
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

// callGateway calls multiply at the URL of math.
func callGateway(ctx context.Context, url string, x, y int) (any, error) {
	client, err := xmlrpc.NewClient(url, nil)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return client.Call(ctx, "multiply", x, y)
}
