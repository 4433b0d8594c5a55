package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/screen"
	"github.com/netsvc/netsvc/internal/topscreen"
)

// terminal is one that can show a screen.
type terminal struct {
	in    io.Reader // stdin; nil where nothing may be read from that
	out   *os.File
	theme screen.Theme
	talk  *curtain                      // nil where stderr is no terminal
	shown atomic.Pointer[chan struct{}] // closed when the last screen is left; nil before the first
}

// leavePatience is how long a process that ends at once, by a second signal, gives a screen to
// be left.
const leavePatience = 500 * time.Millisecond

// left waits, for a moment, until no screen is shown.
func (t *terminal) left() {
	if t == nil || t.shown.Load() == nil {
		return
	}
	select {
	case <-*t.shown.Load():
	case <-time.After(leavePatience):
	}
}

// curtain is before stderr while a screen is shown on the same terminal: what is written then is
// dropped.
type curtain struct {
	out   io.Writer
	drawn atomic.Bool
}

// Write writes to stderr, or nowhere.
func (c *curtain) Write(text []byte) (int, error) {
	if c.drawn.Load() {
		return len(text), nil
	}
	return c.out.Write(text)
}

// screens lets the command show screens, if the process has a terminal that can. Without one it
// is nil.
func (p *program) screens(env *command.Env) *terminal {
	out, ok := p.std.out.(*os.File)
	if name := p.getenv("TERM"); !ok || !env.OutLook.Terminal || name == "" || name == "dumb" {
		return nil
	}
	t := &terminal{out: out, theme: screen.ThemeOf(env.Settings.Theme, env.OutLook, p.getenv)}
	if !env.Settings.NoInput {
		t.in = p.std.in
	}
	if env.ErrLook.Terminal {
		t.talk = &curtain{out: env.Err}
		env.Err = t.talk
	}
	env.ShowTop = t.showTop
	return t
}

// showTop implements command.Env.
func (t *terminal) showTop(ctx context.Context, s *command.TopSampler) error {
	return t.show(ctx, func(ctx context.Context, t screen.Terminal) error { return topscreen.Run(ctx, t, s) })
}

// show runs a screen. A terminal that is closed, or told to be, ends it as a signal does. Where
// a panic came from is told by --verbose.
func (t *terminal) show(ctx context.Context, run func(context.Context, screen.Terminal) error) error {
	left := make(chan struct{})
	defer close(left)
	t.shown.Store(&left)
	keys, done := t.keys()
	defer done()
	if t.talk != nil {
		t.talk.drawn.Store(true)
		defer t.talk.drawn.Store(false)
	}
	open, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	err := run(open, screen.Terminal{In: keys, Out: t.out, Theme: t.theme})
	var crash *screen.PanicError
	switch {
	case errors.As(err, &crash):
		failed := command.Explain(ctx, err)
		failed.Detailed = string(crash.Stack)
		return failed
	case errors.Is(err, screen.ErrHungUp), open.Err() != nil && ctx.Err() == nil:
		return &command.Interrupted{Signal: syscall.SIGHUP}
	}
	return err
}

// keys are where the person at the terminal types: stdin, or the terminal that controls the
// process where stdin is something else. Without one there are no keys, and signals end a screen.
func (t *terminal) keys() (keys *os.File, done func()) {
	if in, ok := t.in.(*os.File); ok && isTerminal(in) {
		return in, func() {}
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, func() {}
	}
	return tty, func() { tty.Close() }
}
