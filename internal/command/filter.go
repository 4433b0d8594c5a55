package command

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// filter yields what the expression of --jq makes of a document. An Env without expression has
// none.
type filter func(doc []byte) iter.Seq2[[]byte, error]

// newFilter reads the expression. What it does ends with ctx, and when it has taken longer than
// the timeout for one document.
func newFilter(ctx context.Context, s *Settings) (filter, error) {
	if s.JQ == "" {
		return nil, nil
	}
	query, err := render.ParseQuery(s.JQ)
	if err != nil {
		return nil, usage("", "--jq: %v", err)
	}
	return func(doc []byte) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) { runQuery(ctx, query, s.Timeout, doc, yield) }
	}, nil
}

// slowReader is how long a write takes when somebody looks at what was written before. Such times
// do not count as the expression's.
const slowReader = 10 * time.Millisecond

func runQuery(ctx context.Context, query *render.Query, timeout time.Duration, doc []byte, yield func([]byte, error) bool) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ends := time.Now().Add(timeout)
	timer := time.AfterFunc(timeout, func() { cancel(context.DeadlineExceeded) })
	defer timer.Stop()
	for output, err := range query.Run(ctx, doc) {
		if err != nil {
			yield(nil, queryFailure(ctx, err))
			return
		}
		timer.Stop()
		computed := time.Now()
		if !yield(output, nil) {
			return
		}
		if waited := time.Since(computed); waited > slowReader {
			ends = ends.Add(waited)
		}
		timer.Reset(time.Until(ends))
	}
}

// queryFailure is why an expression came to no end, or to a bad one, which is the fault of the
// command line. The result that it was to work on has come by then.
func queryFailure(ctx context.Context, err error) error {
	switch {
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return wire.Failf(wire.CodeTimeout, wire.Yes, "--jq: the deadline passed")
	case ctx.Err() != nil:
		return wire.Failf(wire.CodeCanceled, wire.Yes, "interrupted")
	}
	wrong := usage("", "--jq: %v", err)
	wrong.Ran = wire.Yes
	return wrong
}

// filtered hands a result to write, or each of those that the expression makes of it.
func (e *Env) filtered(r Result, write func(doc []byte) error) error {
	if e.filter == nil {
		e.passOn(r)
		return write(r.JSON)
	}
	for output, err := range e.filter(r.JSON) {
		if err != nil {
			return err
		}
		e.made = output
		e.passOn(Result{JSON: output, Item: r.Item})
		if err := write(output); err != nil {
			return err
		}
	}
	return nil
}

// saysNo reports whether a result that was printed is false or null. Of one that went through an
// expression it is the last of what was made that counts, and nothing at all is no, too.
func (e *Env) saysNo(result value.Raw) bool {
	if e.filter != nil {
		return len(e.made) == 0 || string(e.made) == "false" || string(e.made) == "null"
	}
	v, err := value.Decode(result)
	return err == nil && (v == nil || v == false)
}
