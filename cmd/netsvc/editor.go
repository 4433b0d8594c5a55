package main

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/peterh/liner"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/repl"
)

// editor asks for lines on a terminal that can move its cursor, by liner. liner reads a pipe in
// place of stdin, so that nothing is taken from the terminal that belongs to whoever reads it
// next, and a prompt can be left at any time.
type editor struct {
	keys     *keyboard
	terminal *os.File // stdin
	out      *os.File // stdout: liner knows no other
	state    *liner.State
	before   mode     // of the terminal when the session began
	raw      mode     // liner's
	typed    *os.File // what liner reads
	feed     *os.File // its other end
	complete completer

	ctx     context.Context // of the prompt that is shown
	rest    []byte          // read from the keyboard, but not fed yet
	pumping sync.WaitGroup

	mu      sync.Mutex    // held by whoever starts or stops the pump
	asking  bool          // a prompt is shown
	taking  atomic.Bool   // the next TAB is ours: it takes the line as it is
	taken   chan struct{} // told when that has happened; holds one
	draft   draft         // what was taken
	aborted atomic.Bool   // by a signal
	gone    atomic.Bool   // nobody is at the terminal any more
}

// draft is a line that is being typed.
type draft struct {
	text string
	pos  int // of the cursor, in characters
}

// completer finds what may stand at the cursor, the byte point of a line. It may also have
// something to say.
type completer func(ctx context.Context, line string, point int) repl.Completion

// takeKeys are the keys that make liner hand the line over, whatever it does at the moment: Insert,
// which does nothing but end what a TAB or Ctrl-R has begun, and a TAB.
const takeKeys = "\x1b[2~\t"

// takePatience is how long the line is waited for. Where liner asks whether to show a long list
// it hands nothing over.
const takePatience = 100 * time.Millisecond

// linerRoom is how many columns liner wants behind a prompt. Where there are less it leaves all to
// the terminal, which then sends a signal for Ctrl-C.
const linerRoom = 10

// nowhere is an environment with nothing in it.
func nowhere(string) string { return "" }

// past is a deadline that is over.
var past = time.Unix(1, 0)

// newEditor makes an editor for stdin and stdout, both the same terminal.
func newEditor(terminal, out *os.File, keys *keyboard, complete completer) (*editor, error) {
	before, err := modeOf(terminal)
	if err != nil {
		return nil, err
	}
	typed, feed, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	e := &editor{
		keys: keys, terminal: terminal, out: out, before: before, typed: typed, feed: feed, complete: complete,
		taken: make(chan struct{}, 1),
	}
	e.state = newState(typed)
	e.state.SetCtrlCAborts(true)
	e.state.SetTabCompletionStyle(liner.TabPrints)
	e.state.SetWordCompleter(e.completer)
	if e.raw, err = modeOf(terminal); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// newState makes a state of liner that reads another file in place of stdin. It is called while
// nothing else uses os.Stdin.
func newState(in *os.File) *liner.State {
	was := os.Stdin
	os.Stdin = in
	defer func() { os.Stdin = was }()
	return liner.NewLiner()
}

// Close gives the terminal back as it was.
func (e *editor) Close() {
	e.state.Close()
	e.typed.Close()
	e.feed.Close()
	e.Restore()
}

// Restore puts the terminal into the mode that it had, at any time.
func (e *editor) Restore() { e.before.set(e.terminal) }

// Lend leaves the terminal to others, as it was before the session, until back is called.
func (e *editor) Lend() (back func()) {
	e.Restore()
	return func() { e.raw.set(e.terminal) }
}

// Remember makes the arrow keys bring back a line.
func (e *editor) Remember(line string) { e.state.AppendHistory(line) }

// ReadLine implements lineReader.
func (e *editor) ReadLine(ctx context.Context, prompt func() string) (string, error) {
	e.begin(ctx)
	defer e.end()
	stop := context.AfterFunc(ctx, e.leave)
	defer stop()
	for {
		line, err := e.state.PromptWithSuggestion(prompt(), e.draft.text, e.draft.pos)
		if again := e.left(ctx, err); !again {
			return line, e.reason(ctx, err)
		}
		io.WriteString(e.out, "\r\x1b[K")
	}
}

// begin begins to read what is typed.
func (e *editor) begin(ctx context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ctx, e.draft, e.asking = ctx, draft{}, true
	e.aborted.Store(false)
	e.typed.SetReadDeadline(time.Time{})
	e.startPump()
}

func (e *editor) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asking = false
	e.stopPump()
}

// left reports whether a prompt was left only to be shown anew.
func (e *editor) left(ctx context.Context, err error) (again bool) {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	e.typed.SetReadDeadline(time.Time{})
	return ctx.Err() == nil && !e.aborted.Load()
}

// reason is why a prompt has ended without a line.
func (e *editor) reason(ctx context.Context, err error) error {
	switch {
	case e.aborted.Swap(false):
		text := "^C\n"
		if m, err := modeOf(e.terminal); err == nil && m.echoes() {
			text = "\n" // the terminal has shown the key
		}
		io.WriteString(e.out, text)
		return repl.ErrAborted
	case errors.Is(err, liner.ErrPromptAborted):
		return repl.ErrAborted
	case err != nil:
		io.WriteString(e.out, "\n")
	}
	if e.gone.Load() && err != nil {
		return &command.Interrupted{Signal: syscall.SIGHUP}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// leave makes liner leave the prompt.
func (e *editor) leave() { e.typed.SetReadDeadline(past) }

// Abort leaves the prompt as Ctrl-C does.
func (e *editor) Abort() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.asking {
		e.aborted.Store(true)
		e.leave()
	}
}

// Over writes a text where the prompt is, and makes liner show that, and what is typed, below. It
// does when it hears that the terminal has another size. The text is gone before the prompt comes
// again, so it is written at once.
func (e *editor) Over(text, prompt string) {
	if widthOf(e.out, nowhere) < render.Columns(prompt)+linerRoom { // liner draws nothing
		io.WriteString(e.out, "\n"+text+"\n"+prompt)
		return
	}
	io.WriteString(e.out, "\r\x1b[K"+text+"\n")
	e.redraw()
}

// redraw makes liner show the prompt and the typed text, where the cursor is.
func (e *editor) redraw() { syscall.Kill(os.Getpid(), syscall.SIGWINCH) }

// Continue takes the terminal back after the process was stopped at the prompt: whoever had it
// meanwhile has left it in a mode of theirs.
func (e *editor) Continue() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.asking {
		e.raw.unsignalled().set(e.terminal)
		e.redraw()
	}
}

// Refresh shows the prompt anew, because its text is another one now. liner has no way to do that:
// the line is taken from it, the prompt left and the line given back behind the new prompt.
func (e *editor) Refresh() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.asking {
		return
	}
	e.stopPump()
	select {
	case <-e.taken: // too late for an earlier call
	default:
	}
	e.feed.SetWriteDeadline(time.Now().Add(takePatience))
	e.taking.Store(true)
	if _, err := io.WriteString(e.feed, takeKeys); err == nil {
		select {
		case <-e.taken:
		case <-time.After(takePatience):
		}
	}
	e.startPump()
}

// startPump begins to feed liner with what is typed.
func (e *editor) startPump() {
	e.feed.SetWriteDeadline(time.Time{})
	e.pumping.Go(e.pump) // ends with stopPump
}

// stopPump leaves what is typed from now on in the terminal.
func (e *editor) stopPump() {
	e.keys.Stop()
	e.feed.SetWriteDeadline(past)
	e.pumping.Wait()
	e.keys.Resume()
}

// pump feeds liner. A terminal that has ended is the end of what liner reads, too.
func (e *editor) pump() {
	chunk := make([]byte, 4096)
	for {
		n, err := e.feed.Write(e.rest)
		e.rest = e.rest[n:]
		if err != nil {
			return
		}
		n, err = e.keys.Read(chunk)
		switch {
		case errors.Is(err, errStopped):
			return
		case n == 0 || err != nil:
			e.gone.Store(!errors.Is(err, io.EOF))
			e.feed.Close()
			return
		}
		e.rest = chunk[:n]
	}
}

// completer implements liner.WordCompleter.
func (e *editor) completer(line string, pos int) (head string, words []string, tail string) {
	if e.taking.CompareAndSwap(true, false) {
		e.draft = draft{line, pos}
		e.leave()
		e.taken <- struct{}{} // there is room: it is emptied before each time
		return line, nil, ""
	}
	point := len(string([]rune(line)[:pos]))
	found := e.complete(e.ctx, line, point)
	if found.Note != "" {
		io.WriteString(e.out, "\n"+found.Note+"\n")
	}
	words = found.Words
	if len(words) == 0 && found.Note != "" {
		words = []string{line[found.Start:point]} // nothing new: liner only draws the line again
	}
	return line[:found.Start], words, line[point:]
}
