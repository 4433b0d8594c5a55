package command

import (
	"io"
	"sync"
	"time"

	"github.com/netsvc/netsvc/internal/render"
)

// Progress says on a terminal what a command waits for, once it has waited for progressDelay and
// nothing else was written in that time: on one line, which is written over in place, and gone
// before anything else is written there. Its methods may be called by many goroutines. A nil
// Progress says nothing.
type Progress struct {
	terminal io.Writer
	look     render.Look

	mu    sync.Mutex // also one write at a time
	wait  *wait      // the one that is shown; nil while there is none
	text  string     // what stands on the terminal
	width int        // how wide that is
	spoke time.Time  // when something else was written

	listening int // readers that wait for a person
}

const (
	progressDelay = 500 * time.Millisecond
	progressBeat  = 250 * time.Millisecond // how often the line is looked at
)

// NewProgress makes one that writes to a terminal.
func NewProgress(terminal io.Writer, look render.Look) *Progress {
	return &Progress{terminal: terminal, look: look}
}

// Guard returns a writer for all else that goes to the terminal, by whatever way. Before each
// write it takes the line away.
func (p *Progress) Guard(out io.Writer) io.Writer {
	if p == nil {
		return out
	}
	return &guarded{p, out}
}

type guarded struct {
	progress *Progress
	out      io.Writer
}

func (g *guarded) Write(text []byte) (int, error) {
	p := g.progress
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show("")
	p.spoke = time.Now()
	return g.out.Write(text)
}

// Ask returns a reader for what a person types at the terminal: while it waits for that nothing is
// said.
func (p *Progress) Ask(in io.Reader) io.Reader {
	if p == nil {
		return in
	}
	return &asking{p, in}
}

type asking struct {
	progress *Progress
	in       io.Reader
}

func (a *asking) Read(text []byte) (int, error) {
	a.progress.listen(1)
	defer a.progress.listen(-1)
	return a.in.Read(text)
}

// listen counts those who wait for a person.
func (p *Progress) listen(more int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show("")
	p.listening += more
	p.spoke = time.Now()
}

// Note says how far the command is, such as "12 done", behind what it waits for.
func (p *Progress) Note(text string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wait != nil {
		p.wait.note = text
	}
}

// Begin begins to wait for something, until the func it returns is called, which may be done many times. A wait
// that begins during another is shown in its place while it lasts.
func (p *Progress) Begin(what string) (end func()) {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	w := &wait{what: what, began: time.Now(), ended: make(chan struct{}), outer: p.wait}
	p.wait = w
	p.mu.Unlock()
	w.wg.Go(func() { p.follow(w) }) // ends with the wait
	return func() { w.once.Do(func() { p.end(w) }) }
}

// wait is one time of waiting.
type wait struct {
	what  string
	note  string
	began time.Time
	outer *wait

	once  sync.Once
	ended chan struct{}
	wg    sync.WaitGroup
}

func (p *Progress) end(w *wait) {
	close(w.ended)
	w.wg.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wait == w {
		p.wait = w.outer
		p.show("")
	}
}

func (p *Progress) follow(w *wait) {
	beat := time.NewTicker(progressBeat)
	defer beat.Stop()
	for {
		select {
		case <-beat.C:
			p.update(w)
		case <-w.ended:
			return
		}
	}
}

func (p *Progress) update(w *wait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	waited := time.Since(w.began)
	if p.wait == w && p.listening == 0 && min(waited, time.Since(p.spoke)) >= progressDelay {
		p.show(p.look.ProgressText(w.what, waited, w.note))
	}
}

// show puts text into the place of what stands there. A terminal that is gone is no news to
// anybody here. It is called with the mutex held.
func (p *Progress) show(text string) {
	if text == p.text {
		return
	}
	var over []byte
	over, p.width = render.AppendOver(nil, text, p.width)
	p.text = text
	_, _ = p.terminal.Write(over)
}
