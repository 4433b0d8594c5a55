package screen

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	_ "github.com/netsvc/netsvc/internal/termguard" // before bubbletea is initialised
)

// framesPerSecond bounds what a busy program draws.
const framesPerSecond = 30

// ErrHungUp reports that nobody is at the terminal any more.
var ErrHungUp = errors.New("the terminal was closed")

// errOver is why the context of a program has ended when it ended by itself.
var errOver = errors.New("the program is over")

// Terminal is where a program is shown.
type Terminal struct {
	In    *os.File // a terminal, for what is typed; nil for a program without keys
	Out   *os.File // a terminal
	Theme Theme
}

// Run shows the model that start makes, and returns it as it was last when it quits. The context
// that start gets ends with the program. Run returns the cause of ctx when that has ended the
// program, ErrHungUp, or a PanicError. There is one program at a time in a process.
func Run(ctx context.Context, t Terminal, start func(context.Context) tea.Model) (tea.Model, error) {
	t.Theme.settle(lipgloss.DefaultRenderer()) // which the widgets of others use
	running, end := context.WithCancelCause(ctx)
	g := &guard{end: end}
	program := tea.NewProgram(guarded{g, start(running)}, t.options(end)...)
	stop := context.AfterFunc(running, program.Quit) // ends with the program at the latest
	last, err := program.Run()
	stop()
	end(errOver)
	g.wait()
	switch reason := context.Cause(running); {
	case reason != errOver:
		err = reason
	case errors.Is(err, syscall.EIO): // of whatever bubbletea asked the terminal for
		err = ErrHungUp
	}
	if shown, ok := last.(guarded); ok {
		last = shown.model
	}
	return last, err
}

// options are those of every program. Signals are not bubbletea's: who runs the process has
// them, and ends the context.
func (t Terminal) options(end func(error)) []tea.ProgramOption {
	input := tea.WithInput(nil)
	if t.In != nil {
		input = tea.WithInput(keyboard{t.In, end})
	}
	return []tea.ProgramOption{
		tea.WithAltScreen(), tea.WithFPS(framesPerSecond), tea.WithoutSignalHandler(), tea.WithOutput(newDisplay(t.Out)), input,
	}
}

// display is the terminal as it is written. bubbletea asks for the descriptor in a goroutine that
// it does not wait for, when the caller of Run may close the file already: so it is asked before.
type display struct {
	*os.File
	descriptor uintptr
}

func newDisplay(out *os.File) display { return display{out, out.Fd()} }

// Fd is the descriptor that the terminal had at first.
func (d display) Fd() uintptr { return d.descriptor }

// keyboard is the terminal as it is read. bubbletea would go on without it when it has hung up.
type keyboard struct {
	*os.File
	end func(error)
}

// Read reads what was typed.
func (k keyboard) Read(p []byte) (int, error) {
	n, err := k.File.Read(p)
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO) {
		k.end(ErrHungUp)
	}
	return n, err
}
