package service_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// deaf yields an error in its middle and goes on as if nobody had said stop.
func deaf() iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		yield(1, nil)
		yield(0, errors.New("first"))
		yield(2, nil)
	}
}

// TestFirstErrorOfAStreamIsItsOutcome: what a func does behind it is for the log.
func TestFirstErrorOfAStreamIsItsOutcome(t *testing.T) {
	through := func(next service.Handler) service.Handler { return next }
	for name, middleware := range map[string][]service.Middleware{"bare": nil, "with middleware": {through}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				svc := service.New("math", &service.ServiceOptions{Logger: slog.New(slog.NewTextHandler(&log, nil))})
				svc.Export("deaf", deaf, nil)
				svc.Use(middleware...)
				_, conn := pairUp(t, svc)
				var err error
				for _, err = range conn.Endpoint("math").Stream(t.Context(), "deaf") {
				}
				var f *service.Failure
				if !errors.As(err, &f) || f.Code != wire.CodeApplication || f.Description != "first" {
					t.Errorf("the stream ended with %v, want application: first", err)
				}
				if text := log.String(); !strings.Contains(text, "continued iteration") {
					t.Errorf("the log has %q, want the panic", text)
				}
			})
		})
	}
}

// TestCanceledStreamNamesItsInstance: the results that came say who made them.
func TestCanceledStreamNamesItsInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service.New("math", nil)
		svc.Export("count", func(ctx context.Context) iter.Seq[int] {
			return func(yield func(int) bool) {
				for yield(1) {
					select {
					case <-time.After(time.Second):
					case <-ctx.Done():
					}
				}
			}
		}, nil)
		_, conn := pairUp(t, svc)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var err error
		for _, err = range conn.Endpoint("math").Stream(ctx, "count") {
			cancel()
		}
		wantFailure(t, err, wire.CodeCanceled, wire.Yes)
		var f *service.Failure
		if errors.As(err, &f); f.Instance != svc.Address() {
			t.Errorf("the instance is %v, want %v", f.Instance, svc.Address())
		}
	})
}
