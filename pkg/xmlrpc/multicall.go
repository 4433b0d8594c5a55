package xmlrpc

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/wire"
)

const (
	maxMulticall      = 1000 // calls in one system.multicall
	multicallParallel = 16   // of them worked on at once
)

// multicall is one running system.multicall. Its calls share a context, and so
// one deadline.
type multicall struct {
	gateway  *Gateway
	ctx      context.Context
	service  string
	calls    []any
	outcomes []outcome    // in the order of the calls
	next     atomic.Int64 // the call that no worker has taken yet
	workers  sync.WaitGroup
}

func (g *Gateway) multicall(ctx context.Context, service string, param any) outcome {
	calls, ok := param.([]any)
	if !ok {
		return outcome{err: badParams("%s wants an array of calls", multicallName)}
	}
	if len(calls) > maxMulticall {
		return outcome{err: &Fault{Code: CodeInvalidRequest, String: wire.OriginNetsvc + " -- too many calls in one " +
			multicallName + ": " + grouped(len(calls)) + ", the limit is " + grouped(maxMulticall)}}
	}
	m := &multicall{gateway: g, ctx: ctx, service: service, calls: calls, outcomes: make([]outcome, len(calls))}
	for range min(len(calls), multicallParallel) {
		m.workers.Go(m.work) // ends when no call is left, which the deadline of ctx bounds
	}
	m.workers.Wait()
	return outcome{inner: m.outcomes}
}

// work performs calls until none is left. A panic ends the call it happens in
// only.
func (m *multicall) work() {
	for {
		i := int(m.next.Add(1)) - 1
		if i >= len(m.calls) {
			return
		}
		m.outcomes[i] = m.perform(m.calls[i])
	}
}

func (m *multicall) perform(entry any) (done outcome) {
	defer func() {
		if p := recover(); p != nil {
			done = outcome{err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	call, err := multicallEntry(entry)
	if err != nil {
		return outcome{err: err}
	}
	return m.gateway.perform(m.ctx, m.service, call)
}

// multicallEntry reads one {methodName, params}. Params may be left out.
func multicallEntry(entry any) (*Call, error) {
	members, ok := entry.(map[string]any)
	if !ok {
		return nil, badParams("a call in %s is no struct", multicallName)
	}
	name, ok := members["methodName"].(string)
	if !ok || !isMethodName(name) {
		return nil, badParams("a call in %s has no methodName", multicallName)
	}
	if name == multicallName {
		return nil, badParams("%s inside of %s", multicallName, multicallName)
	}
	params, given := members["params"]
	list, ok := params.([]any)
	if given && !ok {
		return nil, badParams("the params of a call in %s are no array", multicallName)
	}
	return &Call{Method: name, Params: list}, nil
}

// multicallDocument returns the answer of system.multicall: for each call an
// array with its result, or the struct of a fault, with what otherwise stands in the header.
func (g *Gateway) multicallDocument(outcomes []outcome) []byte {
	e := newEncoder(nil, &g.opts.Dialect)
	e.write(declaration, "<methodResponse><params><param><value><array><data>")
	for i, done := range outcomes {
		g.multicallAnswer(&e, i, done)
	}
	e.write("</data></array></value></param></params></methodResponse>")
	return e.dst
}

func (g *Gateway) multicallAnswer(e *encoder, i int, done outcome) {
	before := len(e.dst)
	err := done.err
	if err == nil {
		e.depth = 1
		err = e.value([]any{done.value})
	}
	if err != nil {
		err = inside(err, "result["+strconv.Itoa(i)+"]")
		b := g.blame(err)
		e.dst = appendFaultValue(e.dst[:before], b.fault, b.members()...)
	}
}
