package testnet_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// recorder stands in for a test that is expected to fail: it keeps what was reported.
type recorder struct {
	testing.TB // for the methods that the code under test does not call

	failures []string
	cleanups []func()
}

func (r *recorder) Helper() {}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// Fatalf ends the goroutine, as the real one does.
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// run calls test as the body of a test and returns what it and its cleanups reported.
func (r *recorder) run(test func(t testing.TB)) []string {
	body := make(chan struct{})
	go func() {
		defer close(body)
		test(r)
	}()
	<-body
	for _, cleanup := range slices.Backward(r.cleanups) {
		cleanup()
	}
	return r.failures
}
