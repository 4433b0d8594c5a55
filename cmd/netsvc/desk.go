package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/repl"
)

// desk is where a person at a terminal and a session meet: it has the one prompt, the one statement
// that runs, and what the session has to say meanwhile. It follows the signals of the terminal.
//
// A message that comes while a prompt is shown goes above it. One that comes while a statement runs
// waits for the next prompt, because the terminal may be an editor's by then.
type desk struct {
	lines  lineReader
	keys   *keyboard
	talk   io.Writer // for messages, where no prompt is shown
	notice chan os.Signal
	closed chan struct{}
	wg     sync.WaitGroup

	mu     sync.Mutex
	prompt func() string           // of the line that is asked for; nil while none is
	shown  string                  // what it was when it was last asked
	cancel context.CancelCauseFunc // of the statement that runs; nil while none does
	held   []string                // messages that wait
	size   int                     // their bytes
	lost   int                     // messages that there was no room for
	muted  bool                    // nothing is told any more
}

// The messages that wait for a prompt: how many, and of how many bytes together. Of more than these the
// oldest are dropped, and counted; the last one is kept however long it is.
const (
	maxHeld      = 1000
	maxHeldBytes = 16 << 20
)

// lineReader asks for lines on a terminal and lets others use it between them.
type lineReader interface {
	repl.LineReader
	// Abort makes a ReadLine that waits return repl.ErrAborted.
	Abort()
	// Over writes a text, of whole lines, above the prompt that is shown.
	Over(text, prompt string)
	// Refresh asks for the prompt's text once more and shows that.
	Refresh()
	// Continue takes the terminal back after the process was stopped.
	Continue()
	// Lend leaves the terminal, as it was before the session, to others until back is called.
	Lend() (back func())
	// Close gives it back for good.
	Close()
}

// newDesk begins to follow signals; call Close at the end.
func newDesk(lines lineReader, keys *keyboard, talk io.Writer) *desk {
	d := &desk{lines: lines, keys: keys, talk: talk, notice: make(chan os.Signal, 4), closed: make(chan struct{})}
	signal.Notify(d.notice, syscall.SIGINT, syscall.SIGCONT)
	d.wg.Go(d.follow) // ends with Close
	return d
}

// Close gives the terminal back. What still waits to be told is told.
func (d *desk) Close() {
	signal.Stop(d.notice)
	close(d.closed)
	d.wg.Wait()
	d.lines.Close()
	d.flush()
}

func (d *desk) follow() {
	for {
		select {
		case got := <-d.notice:
			if got == syscall.SIGINT {
				d.interrupt()
			} else {
				d.lines.Continue()
			}
		case <-d.closed:
			return
		}
	}
}

// interrupt ends the statement that runs, or gives up the line that is typed. The session goes on.
func (d *desk) interrupt() {
	if m, err := modeOf(d.keys.in); err == nil && m.echoes() && d.runs() {
		io.WriteString(d.talk, "\n") // behind the ^C that stands there now
	}
	if !d.interruptStatement() {
		d.lines.Abort()
	}
}

// runs reports whether a statement does.
func (d *desk) runs() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cancel != nil
}

// interruptStatement reports whether there is one. A statement that reads what is typed does not wait
// for the end of a line.
func (d *desk) interruptStatement() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cancel == nil {
		return false
	}
	d.cancel(&command.Interrupted{Signal: syscall.SIGINT})
	d.keys.Stop() // under the lock: it is taken back when the statement has ended
	return true
}

// ReadLine implements repl.LineReader.
func (d *desk) ReadLine(ctx context.Context, prompt func() string) (string, error) {
	d.begin(prompt)
	defer d.answered()
	return d.lines.ReadLine(ctx, func() string { return d.ask(prompt) })
}

// begin begins to ask: what has waited is told, and from then on nothing waits.
func (d *desk) begin(prompt func() string) {
	d.ask(prompt)
	for {
		d.flush()
		d.mu.Lock()
		if len(d.held) == 0 {
			d.prompt = prompt
			d.mu.Unlock()
			return
		}
		d.mu.Unlock()
	}
}

// Remember implements repl.LineReader.
func (d *desk) Remember(line string) { d.lines.Remember(line) }

// ask keeps in mind what the prompt is.
func (d *desk) ask(prompt func() string) string {
	text := prompt()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shown = text
	return text
}

func (d *desk) answered() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.prompt = nil
}

// Run runs a statement: it has the terminal, and Ctrl-C ends its context.
func (d *desk) Run(ctx context.Context, statement func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	d.running(cancel)
	back := d.lines.Lend()
	defer func() {
		d.running(nil)
		d.keys.Resume()
		back()
	}()
	return statement(ctx)
}

func (d *desk) running(cancel context.CancelCauseFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cancel = cancel
}

// Tell shows a message, above the prompt or before the next one. It may be called at any time, by
// many goroutines.
func (d *desk) Tell(text string) {
	text = strings.TrimRight(text, "\n")
	d.mu.Lock()
	prompt, shown := d.prompt, d.shown
	if prompt == nil {
		d.hold(text)
	}
	d.mu.Unlock()
	if prompt == nil {
		return
	}
	now := d.ask(prompt)
	d.lines.Over(text, now)
	if now != shown {
		d.lines.Refresh()
	}
}

// Mute drops what is told from now on: the session is over.
func (d *desk) Mute() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.muted = true
}

// Refresh shows the prompt anew if its text is another one now.
func (d *desk) Refresh() {
	d.mu.Lock()
	prompt, shown := d.prompt, d.shown
	d.mu.Unlock()
	if prompt != nil && d.ask(prompt) != shown {
		d.lines.Refresh()
	}
}

// hold keeps a message for the next prompt.
func (d *desk) hold(text string) {
	if d.muted {
		return
	}
	d.held = append(d.held, text)
	d.size += len(text)
	for len(d.held) > maxHeld || d.size > maxHeldBytes && len(d.held) > 1 {
		d.size -= len(d.held[0])
		d.held = d.held[1:]
		d.lost++
	}
}

// flush tells what has waited.
func (d *desk) flush() {
	d.mu.Lock()
	held, lost := d.held, d.lost
	d.held, d.size, d.lost = nil, 0, 0
	d.mu.Unlock()
	if lost > 0 {
		held = append([]string{strconv.Itoa(lost) + " earlier messages were dropped"}, held...)
	}
	if len(held) > 0 {
		io.WriteString(d.talk, strings.Join(held, "\n")+"\n")
	}
}
