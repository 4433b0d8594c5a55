package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/repl"
)

// plainLines asks for lines where no cursor can be moved: on a dumb terminal, or when the results
// go elsewhere. Lines may be of any length.
type plainLines struct {
	keys    *keyboard
	in      *bufio.Reader // of keys
	out     io.Writer     // where the prompt is seen
	aborted atomic.Bool
}

func newPlainLines(keys *keyboard, out io.Writer) *plainLines {
	return &plainLines{keys: keys, in: bufio.NewReader(keys), out: out}
}

// ReadLine implements lineReader.
func (p *plainLines) ReadLine(ctx context.Context, prompt func() string) (string, error) {
	stop := context.AfterFunc(ctx, p.keys.Stop)
	defer p.keys.Resume()
	defer stop()
	io.WriteString(p.out, prompt())
	line, err := p.in.ReadString('\n')
	switch {
	case p.aborted.Swap(false):
		io.WriteString(p.out, "\n")
		return "", repl.ErrAborted
	case errors.Is(err, errStopped):
		return "", context.Cause(ctx)
	case errors.Is(err, errHungUp):
		return "", &command.Interrupted{Signal: syscall.SIGHUP}
	case errors.Is(err, io.EOF) && line != "":
		err = nil
	case err != nil:
		io.WriteString(p.out, "\n")
	}
	return strings.TrimRight(line, "\r\n"), err
}

// Remember has no keys to bring a line back.
func (p *plainLines) Remember(string) {}

// Abort leaves the prompt as Ctrl-C does, which makes the terminal forget what is typed.
func (p *plainLines) Abort() {
	p.aborted.Store(true)
	p.keys.Stop()
}

// Over writes a text where the prompt is, and that behind it.
func (p *plainLines) Over(text, prompt string) { io.WriteString(p.out, "\n"+text+"\n"+prompt) }

// Refresh shows the prompt anew.
func (p *plainLines) Refresh() {}

// Continue has nothing to mend.
func (p *plainLines) Continue() {}

// Lend has nothing to give: the terminal is as it was.
func (p *plainLines) Lend() (back func()) { return func() {} }

// Close has nothing to give back.
func (p *plainLines) Close() {}
