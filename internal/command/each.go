package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// The bounds of --each. So many items for each call in flight are read and not printed yet; when
// there are more, reading waits, and so does who writes to our stdin.
const (
	maxParallel  = 1024
	itemsPerCall = 4
	flushAbove   = 64 << 10 // bytes of results that are not written yet, when more are ready
)

// item is one line of stdin on its way through.
type item struct {
	number  int // from 1; blank lines have none
	line    []byte
	err     error         // of the line itself
	done    chan struct{} // closed when there is an outcome, or will be none
	outcome *outcome      // nil when the item was passed over
}

// each makes a call of every line of stdin.
//
//	stdin ── read ──> work ── serve, P times ──> outcomes
//	           └────> queue, in the order of the lines ──> print
type each struct {
	call *call
	part partArgs // the arguments of the command line

	queue   chan *item    // read and not yet printed; closed at the end of stdin
	work    chan *item    // not begun
	stopped chan struct{} // closed when no more calls shall begin
	stop    func()
	broken  chan error // of stdin; has one when queue is closed too early

	line    *Env         // prints to results
	results bytes.Buffer // not written yet
	made    int
	bad     int
	ran     wire.Delivered // whether a method may have run
}

// each reads what is the same for all items, and makes the calls.
func (c *call) each(ctx context.Context) error {
	parallel := max(1, c.env.Flags.Int("parallel"))
	switch {
	case parallel > maxParallel:
		return usage("", "call: -P wants 1 to %d calls at a time, not %d", maxParallel, parallel)
	case c.env.Settings.NoInput:
		return usage("", "call: --each reads stdin, and --no-input forbids that")
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	part, err := c.prepareEach(ctx)
	if err != nil {
		return c.explain(ctx, err)
	}
	e := &each{
		call: c, part: part, queue: make(chan *item, itemsPerCall*parallel), work: make(chan *item),
		stopped: make(chan struct{}), broken: make(chan error, 1), line: new(Env),
	}
	e.stop = sync.OnceFunc(func() { close(e.stopped) })
	*e.line = *c.env
	e.line.Out = &itemOutput{&e.results}
	return e.run(ctx, parallel)
}

// prepareEach fetches the signature and reads the words by it.
func (c *call) prepareEach(ctx context.Context) (partArgs, error) {
	ctx, cancel := c.env.bounded(ctx)
	defer cancel()
	if err := c.learn(ctx); err != nil {
		return partArgs{}, notSent(err)
	}
	positional, named, err := value.ParseWords(c.line(), c.signature(), stdinTaken{c.env})
	if err != nil {
		return partArgs{}, c.orNoMethod(err)
	}
	return partArgs{positional, named}, c.save(ctx)
}

// stdinTaken are the sources of words where stdin has another reader.
type stdinTaken struct{ *Env }

// Stdin refuses.
func (stdinTaken) Stdin() ([]byte, error) {
	return nil, &value.UsageError{Reason: "stdin can be read only once, and --each reads it"}
}

// run makes all calls and waits for their end, but not for a read of stdin that goes on when they
// have been given up: only who writes there could end it.
func (e *each) run(ctx context.Context, parallel int) error {
	inner, cancel := context.WithCancel(ctx)
	var reading, working sync.WaitGroup
	reading.Go(func() { e.read(inner) }) // ends with stdin, stop or inner, when no read is under way
	for range parallel {
		working.Go(func() { e.serve(inner) }) // ends when all is done, or with inner
	}
	err := e.print(ctx)
	cancel()
	working.Wait()
	if err == nil {
		err = e.end()
	}
	return err
}

// end is what the command ends with when all has been printed.
func (e *each) end() error {
	select {
	case err := <-e.broken:
		return usage("", "call: cannot read stdin: %v", reasonOf(err))
	default:
	}
	if e.bad == 0 {
		return nil
	}
	return &Error{
		Code: codePartial, Exit: ExitPartial, Message: fmt.Sprintf("%d of %d items failed", e.bad, e.made),
		Service: e.call.target, Method: e.call.method, Ran: e.ran,
	}
}

// read hands lines over until there are no more, or no more are wanted.
func (e *each) read(ctx context.Context) {
	lines := newLineReader(e.call.env.In)
	for number := 1; ; number++ {
		line, err := lines.next()
		if err != nil && !errors.Is(err, errLongLine) {
			if !errors.Is(err, io.EOF) {
				e.broken <- err
			}
			close(e.queue)
			close(e.work)
			return
		}
		if !e.hand(ctx, &item{number: number, line: line, err: err, done: make(chan struct{})}) {
			return
		}
	}
}

// hand puts an item into the queue, and when it has its place there it may be begun.
func (e *each) hand(ctx context.Context, it *item) bool {
	select {
	case e.queue <- it:
	case <-e.stopped:
		return false
	case <-ctx.Done():
		return false
	}
	select {
	case e.work <- it:
		return true
	case <-e.stopped:
	case <-ctx.Done():
	}
	close(it.done)
	return false
}

// serve makes the calls of items, one at a time.
func (e *each) serve(ctx context.Context) {
	for {
		select {
		case it, ok := <-e.work:
			if !ok {
				return
			}
			e.attempt(ctx, it)
		case <-ctx.Done():
			return
		}
	}
}

// attempt makes the call of an item, unless no more are wanted.
func (e *each) attempt(ctx context.Context, it *item) {
	defer close(it.done)
	select {
	case <-e.stopped:
		return
	default:
	}
	it.outcome = e.outcome(ctx, it)
	it.line = nil
	if it.outcome.err != nil && e.call.env.Flags.Bool("fail-fast") {
		e.stop()
	}
}

func (e *each) outcome(ctx context.Context, it *item) *outcome {
	ctx, cancel := context.WithTimeout(ctx, e.call.env.Settings.Timeout)
	defer cancel()
	if it.err != nil {
		return e.call.failed(ctx, it.number, wire.Failf(wire.CodeTooLarge, wire.No, "the line has more than %d bytes", maxLine))
	}
	args, err := e.call.bind(e.part, it.line, "the line")
	if err != nil {
		return e.call.failed(ctx, it.number, e.call.orNoMethod(err))
	}
	return e.call.perform(ctx, it.number, args)
}
