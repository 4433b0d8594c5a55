package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"syscall"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/repl"
)

// plainLines asks for lines where no cursor can be moved: on a dumb terminal, or when the results
// go elsewhere. Lines may be of any length.
type plainLines struct {
	keys *keyboard
	in   *bufio.Reader // of keys
	out  io.Writer     // where the prompt is seen

	mu      sync.Mutex
	asking  bool
	aborted bool // while it was asking
}

func newPlainLines(keys *keyboard, out io.Writer) *plainLines {
	return &plainLines{keys: keys, in: bufio.NewReader(keys), out: out}
}

// ReadLine implements lineReader.
func (p *plainLines) ReadLine(ctx context.Context, prompt func() string) (string, error) {
	p.begin()
	stop := context.AfterFunc(ctx, p.keys.Stop)
	io.WriteString(p.out, prompt())
	line, err := p.in.ReadString('\n')
	stop()
	switch aborted := p.end(); {
	case aborted:
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

func (p *plainLines) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asking, p.aborted = true, false
}

// end reports whether the line was given up.
func (p *plainLines) end() (aborted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asking = false
	p.keys.Resume()
	return p.aborted
}

// Remember has no keys to bring a line back.
func (p *plainLines) Remember(string) {}

// Abort leaves the prompt as Ctrl-C does, which makes the terminal forget what is typed.
func (p *plainLines) Abort() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asking {
		p.aborted = true
		p.keys.Stop()
	}
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
