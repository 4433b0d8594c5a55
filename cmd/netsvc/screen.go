package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/screen"
	"github.com/netsvc/netsvc/internal/topscreen"
)

// terminal is one that can show a screen.
type terminal struct {
	in    io.Reader
	out   *os.File
	theme screen.Theme
}

// terminal is where the process can show a screen, if it can.
func (p *program) terminal(env *command.Env) (*terminal, bool) {
	out, ok := p.std.out.(*os.File)
	if name := p.getenv("TERM"); !ok || !env.OutLook.Terminal || name == "" || name == "dumb" {
		return nil, false
	}
	return &terminal{in: p.std.in, out: out, theme: screen.ThemeOf(env.Settings.Theme, env.OutLook, p.getenv)}, true
}

// showTop implements command.Env.
func (t *terminal) showTop(ctx context.Context, s *command.TopSampler) error {
	return t.show(ctx, func(ctx context.Context, t screen.Terminal) error { return topscreen.Run(ctx, t, s) })
}

// show runs a screen. A terminal that is closed, or told to be, ends it as a signal does. Where
// a panic came from is told by --verbose.
func (t *terminal) show(ctx context.Context, run func(context.Context, screen.Terminal) error) error {
	keys, done := t.keys()
	defer done()
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
