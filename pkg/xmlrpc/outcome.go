package xmlrpc

import (
	"context"
	"errors"
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// outcome is what came of a call.
type outcome struct {
	value any      // the result, when there is no err
	inner [][]byte // the answers of system.multicall, nil for any other call
	err   error
}

// perform calls a method. service is that of the URL, empty on /RPC2.
func (g *Gateway) perform(ctx context.Context, service string, call *Call) outcome {
	if _, ok := systemMethods[call.Method]; ok {
		return g.performSystem(ctx, service, call)
	}
	return g.forward(ctx, service, call)
}

// forward hands a call to the backend. What begins with system. is answered here
// or not at all: a service's own says too much about its process.
func (g *Gateway) forward(ctx context.Context, url string, call *Call) outcome {
	service, method, err := g.resolve(ctx, url, call.Method)
	if err != nil {
		return outcome{err: err}
	}
	v, err := g.backend.Call(ctx, service, method, call.Params)
	if plain, ok := strings.CutPrefix(method, url+"."); ok && url != "" && isNoMethod(err) && plain != "" && !isSystem(plain) {
		if again, failure := g.backend.Call(ctx, service, plain, call.Params); !isNoMethod(failure) {
			v, err = again, failure
		}
	}
	return outcome{value: v, err: ended(ctx, ofClient(err))}
}

// ofClient is the failure behind the fault of a backend that makes its calls by a [Client]. Other
// faults are those of this gateway about requests that it could not read.
func ofClient(err error) error {
	if fault := (*Fault)(nil); errors.As(err, &fault) {
		return fault.Failure()
	}
	return err
}

// isNoMethod reports whether nothing was called because there is no such method.
func isNoMethod(err error) bool {
	f, ok := failureOf(err)
	return err != nil && ok && f.Code == wire.CodeNoMethod && f.Delivered == wire.No
}

// resolve splits the name of a method and checks that its service is offered.
func (g *Gateway) resolve(ctx context.Context, service, name string) (string, string, error) {
	method := name
	if service == "" {
		service, method = value.SplitTarget(name)
	}
	has, err := g.backend.Has(ctx, service)
	if err != nil {
		return "", "", err
	}
	if !has || method == "" {
		return "", "", wire.Failf(wire.CodeNoService, wire.No, "no such service: %s", service)
	}
	if isSystem(method) {
		return "", "", noMethod(name)
	}
	return service, method, nil
}

func noMethod(name string) error {
	return wire.Failf(wire.CodeNoMethod, wire.No, "no such method: %s", name)
}

// blame finds out what err is, and the fault that tells of it.
func (g *Gateway) blame(err error) blame {
	var ours *Fault
	if errors.As(err, &ours) {
		return notRead(ours)
	}
	if f, ok := failureOf(err); ok {
		return blame{f, faultOf(f, g.opts.OSEFaultCodes)}
	}
	return g.internal(err)
}

// document returns the answer that carries an outcome without an error. A result that
// XML-RPC cannot carry is a failure.
func (g *Gateway) document(done outcome) ([]byte, error) {
	if done.inner != nil {
		return multicallDocument(done.inner), nil
	}
	return AppendResponse(nil, done.value, &g.opts.Dialect)
}
