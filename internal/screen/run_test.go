package screen_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/creack/pty"

	"github.com/netsvc/netsvc/internal/screen"
	"github.com/netsvc/netsvc/internal/testnet"
)

// desk is a pseudo-terminal and what it was sent.
type desk struct {
	near, far *os.File
	reading   sync.WaitGroup

	mu    sync.Mutex
	shown bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	testnet.LeakCheck(t)
	near, far, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{near: near, far: far}
	if err := pty.Setsize(near, &pty.Winsize{Cols: 80, Rows: 24}); err != nil {
		t.Fatal(err)
	}
	d.reading.Go(d.read) // ends when far is closed
	t.Cleanup(func() {
		far.Close()
		d.reading.Wait()
		near.Close()
	})
	return d
}

func (d *desk) read() {
	chunk := make([]byte, 4096)
	for {
		n, err := d.near.Read(chunk)
		d.mu.Lock()
		d.shown.Write(chunk[:n])
		d.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (d *desk) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shown.String()
}

// settings are how the terminal treats what is typed.
func (d *desk) settings(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("stty", "-g")
	cmd.Stdin = d.far
	settings, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(settings)
}

// program is a model that does what a test says.
type program struct {
	init   tea.Cmd
	onKey  func(key string) tea.Cmd
	view   func() string
	typing bool
	keys   []string
}

type over struct{}

func (p program) Init() tea.Cmd { return p.init }

func (p program) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case over:
		return p, tea.Quit
	case tea.KeyMsg:
		p.keys = append(p.keys, msg.String())
		if msg.String() == "/" {
			p.typing = true
		}
		if p.onKey != nil {
			return p, p.onKey(msg.String())
		}
	}
	return p, nil
}

func (p program) View() string {
	if p.view != nil {
		return p.view()
	}
	return "shown"
}

func (p program) Typing() bool { return p.typing }

// ended is what Run returned.
type ended struct {
	model tea.Model
	err   error
}

// run runs a program on the desk.
func (d *desk) run(ctx context.Context, start func(context.Context) tea.Model) <-chan ended {
	done := make(chan ended, 1)
	go func() {
		model, err := screen.Run(ctx, screen.Terminal{In: d.far, Out: d.far}, start)
		done <- ended{model, err}
	}()
	return done
}

func always(p program) func(context.Context) tea.Model {
	return func(context.Context) tea.Model { return p }
}

// TestTerminalIsGivenBack however the program ends.
func TestTerminalIsGivenBack(t *testing.T) {
	enough := errors.New("enough")
	panics := func(err error) bool {
		var crash *screen.PanicError
		return errors.As(err, &crash) && crash.Value == "oh" && strings.Contains(string(crash.Stack), "TestTerminalIsGivenBack")
	}
	oh := func() tea.Msg { panic("oh") }
	pressed := false
	for _, tc := range []struct {
		name    string
		program program
		keys    string
		end     bool // by the context
		want    func(error) bool
	}{
		{"it quits", program{onKey: func(string) tea.Cmd { return tea.Quit }}, "q", false, func(err error) bool { return err == nil }},
		{"its context ends", program{}, "", true, func(err error) bool { return err == enough }},
		{"a command panics", program{onKey: func(string) tea.Cmd { return oh }}, "q", false, panics},
		{"a command of a batch panics", program{onKey: func(string) tea.Cmd { return tea.Batch(oh, nil, oh) }}, "q", false, panics},
		{"the first command panics", program{init: oh}, "", false, panics},
		{"taking a key panics", program{onKey: func(string) tea.Cmd { panic("oh") }}, "q", false, panics},
		{"drawing panics", program{onKey: func(string) tea.Cmd { pressed = true; return nil }, view: func() string {
			if pressed {
				panic("oh")
			}
			return "shown"
		}}, "x", false, panics},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t)
			before := d.settings(t)
			ctx, end := context.WithCancelCause(t.Context())
			done := d.run(ctx, always(tc.program))
			if tc.program.init == nil {
				testnet.WaitFor(t, "the first frame", func() bool { return strings.Contains(d.text(), "shown") })
			}
			d.near.WriteString(tc.keys)
			if tc.end {
				end(enough)
			}
			got := testnet.Receive(t, "the end", done)
			end(nil)
			if !tc.want(got.err) {
				t.Errorf("Run = %v", got.err)
			}
			if after := d.settings(t); after != before {
				t.Errorf("the terminal is left with %s, want %s", after, before)
			}
			testnet.WaitFor(t, "the screen to be left", func() bool {
				text := d.text()
				left := strings.LastIndex(text, "\x1b[?1049l")
				return left > strings.LastIndex(text, "\x1b[?1049h") && strings.LastIndex(text, "\x1b[?25h") > left
			})
		})
	}
}

// TestTerminalThatIsGone ends the program, though bubbletea would go on without keys.
func TestTerminalThatIsGone(t *testing.T) {
	testnet.LeakCheck(t)
	near, far, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	d := desk{far: far}
	done := d.run(t.Context(), always(program{}))
	chunk := make([]byte, 64)
	if _, err := near.Read(chunk); err != nil { // it has begun
		t.Fatal(err)
	}
	near.Close()
	if got := testnet.Receive(t, "the end", done); !errors.Is(got.err, screen.ErrHungUp) {
		t.Errorf("Run = %v, want %v", got.err, screen.ErrHungUp)
	}
}

// TestCommandsEndWithTheProgram, and Run waits for them.
func TestCommandsEndWithTheProgram(t *testing.T) {
	d := newDesk(t)
	begun, finished := make(chan struct{}), false
	start := func(ctx context.Context) tea.Model {
		return program{
			init:  func() tea.Msg { close(begun); <-ctx.Done(); finished = true; return nil },
			onKey: func(string) tea.Cmd { return tea.Quit },
		}
	}
	done := d.run(t.Context(), start)
	testnet.Receive(t, "the command to begin", begun)
	d.near.WriteString("q")
	if got := testnet.Receive(t, "the end", done); got.err != nil || !finished {
		t.Errorf("Run = %v with a command that has ended: %v", got.err, finished)
	}
}

// TestKeysComeOneByOne unless they are text.
func TestKeysComeOneByOne(t *testing.T) {
	for _, tc := range []struct {
		name string
		keys string
		want []string
	}{
		{"typed fast", "jjk", []string{"j", "j", "k"}},
		{"wide ones", "é数", []string{"é", "数"}},
		{"the rest is text", "j/mul", []string{"j", "/", "mul"}},
		{"pasted", "\x1b[200~jj\x1b[201~", []string{"[jj]"}},
		{"others", "\x1b[A", []string{"up"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t)
			done := d.run(t.Context(), always(program{onKey: func(key string) tea.Cmd {
				if key == "esc" || key == "enter" {
					return tea.Quit
				}
				return nil
			}}))
			testnet.WaitFor(t, "the first frame", func() bool { return strings.Contains(d.text(), "shown") })
			d.near.WriteString(tc.keys)
			d.near.WriteString("\r")
			got := testnet.Receive(t, "the end", done)
			keys := got.model.(program).keys
			if strings.Join(keys, " ") != strings.Join(append(tc.want, "enter"), " ") {
				t.Errorf("got %q, want %q and enter", keys, tc.want)
			}
		})
	}
}

func TestScreenWithoutKeys(t *testing.T) {
	d := newDesk(t)
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := screen.Run(ctx, screen.Terminal{Out: d.far}, always(program{}))
		done <- err
	}()
	testnet.WaitFor(t, "the first frame", func() bool { return strings.Contains(d.text(), "shown") })
	end()
	if err := testnet.Receive(t, "the end", done); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, want %v", err, context.Canceled)
	}
}
