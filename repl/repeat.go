package repl

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// tookTime says how long something took.
func (s *Session) tookTime(to streams, d time.Duration) {
	unit := time.Microsecond
	if d >= time.Second {
		unit = time.Millisecond
	}
	fmt.Fprintf(to.err, "time: %s\n", d.Round(unit))
}

// repeat runs an item some times, one after the other, up to the first that fails.
func (s *Session) repeat(ctx context.Context, it *item, to streams, where Where) error {
	for range it.times {
		if err := s.item(ctx, it.inside, to, where); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return s.reported(ctx, context.Cause(ctx), where)
		}
	}
	return nil
}

// clear is what empties a terminal and begins at its top.
const clear = "\x1b[H\x1b[2J"

// watch runs an item again and again, until it is interrupted or the session quits. A failure is shown
// and does not end it.
func (s *Session) watch(ctx context.Context, it *item, to streams, where Where) error {
	for {
		s.page(it, to)
		if err := s.item(ctx, it.inside, to, where); errors.Is(err, ErrQuit) {
			return err
		}
		timer := time.NewTimer(it.every)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			if s.opts.Interactive { // somebody has seen enough
				return nil
			}
			return s.reported(ctx, context.Cause(ctx), where)
		}
	}
}

// page begins a new page: on a terminal in the place of the last one.
func (s *Session) page(it *item, to streams) {
	if !to.outLook.Terminal || s.opts.Env.Piped {
		return
	}
	if s.opts.Env.Getenv("TERM") != "dumb" && s.opts.Env.Getenv("TERM") != "" {
		fmt.Fprint(to.out, clear)
	}
	fmt.Fprintf(to.out, "every %s: %s\n\n", it.every, to.outLook.Text(it.inside.text))
}
