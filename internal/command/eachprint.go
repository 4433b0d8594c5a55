package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/netsvc/netsvc/pkg/wire"
)

// print prints the outcomes in the order of the items. What is ready is written before it waits for
// more.
func (e *each) print(ctx context.Context) error {
	for {
		it, err := e.next(ctx)
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return errors.Join(e.flush(), e.givenUp(ctx, it))
		case it == nil:
			return e.flush()
		case it.outcome == nil:
			continue
		}
		if err := e.show(ctx, it.outcome); err != nil {
			return err
		}
	}
}

// givenUp is the error of a signal. The item that was waited for, if there is one, may have run.
func (e *each) givenUp(ctx context.Context, it *item) error {
	ran := e.ran
	if it != nil {
		ran = max(ran, wire.Maybe)
	}
	return e.call.explain(ctx, wire.Failf(wire.CodeCanceled, ran, "interrupted"))
}

// next waits for the next item of the queue, and for its end or that of ctx. It is nil when there
// are no more. The error is one of writing.
func (e *each) next(ctx context.Context) (*item, error) {
	it, err := receive(ctx, e, e.queue, e.stopped)
	if it == nil || err != nil {
		return nil, err
	}
	defer e.wait()()
	_, err = receive(ctx, e, it.done, nil)
	return it, err
}

// wait lets people see that a call takes its time, until the func it returns is called. That stdin
// takes its time they know: they may be the ones who type.
func (e *each) wait() func() {
	progress := e.call.env.Progress
	if progress == nil {
		return func() {}
	}
	end := progress.Begin(e.call.env.Args[0])
	progress.Note(fmt.Sprintf("%d done", e.made))
	return end
}

// receive takes from a channel, and writes what is ready before it has to wait. When ctx has ended
// there is nothing, and when stopped is closed it is what is there without waiting.
func receive[T any](ctx context.Context, e *each, from <-chan T, stopped <-chan struct{}) (v T, err error) {
	select {
	case v = <-from:
		return v, nil
	default:
	}
	if err := e.flush(); err != nil {
		return v, err
	}
	select {
	case v = <-from:
	case <-ctx.Done():
	case <-stopped:
		select {
		case v = <-from:
		default:
		}
	}
	return v, nil
}

// show prints an outcome, or tells of its failure.
func (e *each) show(ctx context.Context, o *outcome) error {
	told := false
	if o.err == nil || e.line.Flags.Bool("envelope") {
		before := e.results.Len()
		err := e.call.print(e.line, o)
		switch {
		case err != nil && ctx.Err() != nil:
			return e.givenUp(ctx, nil)
		case err != nil:
			e.results.Truncate(before)
			o = e.unprintable(ctx, o, err)
		}
		told = err == nil
	}
	e.count(o)
	if o.err != nil && !told {
		if err := e.flush(); err != nil {
			return err
		}
		e.line.tell(o.err)
	}
	if e.results.Len() > flushAbove {
		return e.flush()
	}
	return nil
}

// unprintable is the outcome of an item whose result, or what --jq made of it, cannot be printed.
func (e *each) unprintable(ctx context.Context, o *outcome, err error) *outcome {
	if e.line.Flags.Bool("fail-fast") {
		e.stop()
	}
	return e.call.failed(ctx, o.item, err)
}

// itemOutput keeps what is printed of an item until it is whole, for nothing is shown of one that
// fails. One of more than maxLine bytes, which only an expression can make, does fail.
type itemOutput struct{ results *bytes.Buffer }

func (o *itemOutput) Write(text []byte) (int, error) {
	if o.results.Len()+len(text) > flushAbove+maxLine {
		return 0, fmt.Errorf("one item has more than %d bytes", maxLine)
	}
	return o.results.Write(text)
}

func (e *each) count(o *outcome) {
	e.made++
	ran := wire.Yes
	if o.err != nil {
		e.bad++
		ran = o.err.delivered()
	}
	e.ran = max(e.ran, ran)
}

// flush writes the results that are ready.
func (e *each) flush() error {
	if e.results.Len() == 0 {
		return nil
	}
	defer e.results.Reset()
	return e.call.env.write(e.results.Bytes())
}
