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

// maxAnswers is how long the answers in one system.multicall may be together before no further
// call is made. Those that are worked on at that moment come on top.
const maxAnswers = 16 << 20

// errLongAnswers is the failure of a call that was not made because of the answers to others.
var errLongAnswers = wire.Failf(wire.CodeTooLarge, wire.No, "the other answers in %s are %s bytes already",
	multicallName, grouped(maxAnswers))

// multicall is one running system.multicall. Its calls share a context, and so
// one deadline.
type multicall struct {
	gateway *Gateway
	ctx     context.Context
	service string
	calls   []any
	answers [][]byte     // in the order of the calls
	size    atomic.Int64 // of the answers together
	next    atomic.Int64 // the call that no worker has taken yet
	workers sync.WaitGroup
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
	m := &multicall{gateway: g, ctx: ctx, service: service, calls: calls, answers: make([][]byte, len(calls))}
	for range min(len(calls), multicallParallel) {
		m.workers.Go(m.work) // ends when no call is left, which the deadline of ctx bounds
	}
	m.workers.Wait()
	return outcome{inner: m.answers}
}

// work answers calls until none is left.
func (m *multicall) work() {
	for {
		i := int(m.next.Add(1)) - 1
		if i >= len(m.calls) {
			return
		}
		m.answers[i] = m.answer(i)
		m.size.Add(int64(len(m.answers[i])))
	}
}

// answer makes a call and writes what came of it. A panic ends this call only.
func (m *multicall) answer(i int) (written []byte) {
	defer func() {
		if p := recover(); p != nil {
			written = m.gateway.multicallFault(i, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	done := m.perform(m.calls[i])
	if done.err == nil {
		e := newEncoder(nil, &m.gateway.opts.Dialect)
		e.depth = 1 // of the list of answers
		if done.err = e.value([]any{done.value}); done.err == nil {
			return e.dst
		}
	}
	return m.gateway.multicallFault(i, done.err)
}

func (m *multicall) perform(entry any) outcome {
	if m.size.Load() > maxAnswers {
		return outcome{err: errLongAnswers}
	}
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
func multicallDocument(answers [][]byte) []byte {
	const begin = declaration + "<methodResponse><params><param><value><array><data>"
	const end = "</data></array></value></param></params></methodResponse>"
	size := len(begin) + len(end)
	for _, answer := range answers {
		size += len(answer)
	}
	document := append(make([]byte, 0, size), begin...)
	for _, answer := range answers {
		document = append(document, answer...)
	}
	return append(document, end...)
}

func (g *Gateway) multicallFault(i int, err error) []byte {
	b := g.blame(inside(err, "result["+strconv.Itoa(i)+"]"))
	return appendFaultValue(nil, b.fault, b.members()...)
}
