package service_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

func ExampleService_Use() {
	timed := func(next service.Handler) service.Handler {
		return func(ctx context.Context, r *service.Request) (*service.Response, error) {
			began := time.Now()
			response, err := next(ctx, r)
			fmt.Println(r.Method, err, time.Since(began) < time.Minute)
			return response, err
		}
	}
	readersOnly := func(next service.Handler) service.Handler {
		return func(ctx context.Context, r *service.Request) (*service.Response, error) {
			if r.Signature == nil || !r.Signature.ReadOnly {
				return nil, service.ErrDenied
			}
			return next(ctx, r)
		}
	}
	notes := service.New("notes", nil)
	notes.Use(timed, readersOnly)
	notes.Export("read", func() string { return "it rains" }, &service.MethodOptions{ReadOnly: true})
	notes.Export("write", func(text string) {}, nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		e := conn.Endpoint("notes")
		fmt.Println(e.Call(ctx, "read"))
		_, err := e.Call(ctx, "write", "it snows")
		fmt.Println(errors.Is(err, service.ErrDenied), err.(*service.Failure).Delivered)
	}, notes)
	// Output:
	// read <nil> true
	// it rains <nil>
	// write denied: denied true
	// true no
}

func ExampleConn_Use() {
	var calls atomic.Int64
	counted := func(next service.Handler) service.Handler {
		return func(ctx context.Context, r *service.Request) (*service.Response, error) {
			ctx, cancel := context.WithTimeout(ctx, time.Minute) // nobody here has more time than that
			defer cancel()
			r.SetHeader("call", calls.Add(1))
			response, err := next(ctx, r)
			if err == nil {
				fmt.Println(r.Target, r.Method, "answered by", response.Instance.Name)
			}
			return response, err
		}
	}
	echo := service.New("echo", nil)
	echo.Export("headers", func(ctx context.Context) any {
		caller, _ := service.CallerFrom(ctx)
		return caller.Headers
	}, nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		conn.Use(counted)
		fmt.Println(conn.Endpoint("echo").Call(ctx, "headers"))
	}, echo)
	// Output:
	// echo headers answered by echo
	// map[call:1] <nil>
}

func ExamplePropagate() {
	back := service.New("back", nil)
	back.Export("trace", func(ctx context.Context) any {
		caller, _ := service.CallerFrom(ctx)
		return caller.Headers["traceparent"]
	}, nil)
	front := service.New("front", nil)
	front.Export("ask", func(ctx context.Context) (any, error) {
		caller, _ := service.CallerFrom(ctx)
		return caller.Conn.Endpoint("back").Call(ctx, "trace") // says nothing of headers
	}, nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		conn.Use(service.Propagate("traceparent", "tracestate"))
		e := conn.Endpoint("front").With(service.CallOptions{
			Headers: map[string]any{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
		})
		fmt.Println(e.Call(ctx, "ask"))
	}, back, front)
	// Output:
	// 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 <nil>
}

func ExampleService_ExportFallback() {
	settings := map[string]any{"colour": "green"}
	mock := service.New("settings", nil)
	mock.ExportFallback(func(ctx context.Context, method string, args []any) (any, error) {
		v, ok := settings[method]
		if !ok {
			return nil, service.ErrNoMethod
		}
		return v, nil
	})
	inMemory(func(ctx context.Context, conn *service.Conn) {
		e := conn.Endpoint("settings")
		fmt.Println(e.Call(ctx, "colour"))
		fmt.Println(e.Call(ctx, "size"))
	}, mock)
	// Output:
	// green <nil>
	// <nil> no_method: service settings has no method "size"
}

func ExampleService_ExportFallbackRaw() {
	math := service.New("math", nil)
	math.Export("multiply", func(x, y int) int { return x * y }, nil)
	proxy := service.New("proxy", nil)
	proxy.ExportFallbackRaw(func(ctx context.Context, r *service.Request) (*service.Response, error) {
		caller, _ := service.CallerFrom(ctx)
		return nil, service.ForwardRaw(ctx, caller.Conn.Endpoint("math"), r.Method, nil)
	})
	inMemory(func(ctx context.Context, conn *service.Conn) {
		fmt.Println(conn.Endpoint("proxy").Call(ctx, "multiply", 3, 4))
	}, math, proxy)
	// Output:
	// 12 <nil>
}
