package systemtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// patient is a context that only a test that fails sees the end of.
func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testnet.Patience)
	t.Cleanup(cancel)
	return ctx
}

// outcome is what a call ended with, and when.
type outcome struct {
	value any
	err   error
	after time.Duration
}

// start makes a call on a goroutine of its own.
func start(ctx context.Context, e *service.Endpoint, method string, args ...any) <-chan outcome {
	ended := make(chan outcome, 1)
	began := time.Now()
	go func() {
		v, err := e.Call(ctx, method, args...)
		ended <- outcome{v, err, time.Since(began)}
	}()
	return ended
}

// want is how a call is to fail.
type want struct {
	is        error // of the sentinels
	number    int
	delivered service.Delivered
	by        service.Address // the instance; zero for none
}

// check fails t unless err is that failure, and returns it.
func (w want) check(t *testing.T, err error) *service.Failure {
	t.Helper()
	var f *service.Failure
	if !errors.As(err, &f) {
		t.Fatalf("the call ended with %T %v, want a failure %v", err, err, w.is)
	}
	if !errors.Is(err, w.is) || int(f.Code) != w.number || f.Delivered != w.delivered {
		t.Errorf("the call failed with %v (%d, delivered %s), want %v (%d, delivered %s)",
			f, f.Code, f.Delivered, w.is, w.number, w.delivered)
	}
	if f.Instance != w.by {
		t.Errorf("the failure names instance %v of %x, want %v of %x", f.Instance, f.Instance.Origin, w.by, w.by.Origin)
	}
	if deadline := errors.Is(err, context.DeadlineExceeded); deadline != (w.number == 47) {
		t.Errorf("errors.Is(err, context.DeadlineExceeded) = %v for %v", deadline, f)
	}
	if canceled := errors.Is(err, context.Canceled); canceled != (w.number == 48) {
		t.Errorf("errors.Is(err, context.Canceled) = %v for %v", canceled, f)
	}
	return f
}

// call makes a call that is to go well.
func call(t *testing.T, e *service.Endpoint, method string, args ...any) any {
	t.Helper()
	v, err := e.Call(patient(t), method, args...)
	if err != nil {
		t.Fatalf("call %s.%s: %v", e.Target(), method, err)
	}
	return v
}

// failing is the error of a call that nobody waits long for.
func failing(e *service.Endpoint, method string, args ...any) error {
	_, err := e.Call(context.Background(), method, args...)
	return err
}

// wantValue fails t unless the call went well.
func wantValue(t *testing.T, o outcome, value any) {
	t.Helper()
	if o.err != nil || o.value != value {
		t.Errorf("the call ended with %v, %v, want %v", o.value, o.err, value)
	}
}
