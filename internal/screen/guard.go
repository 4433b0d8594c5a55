package screen

import (
	"fmt"
	"runtime/debug"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
)

// PanicError reports that the model of a program, or one of its commands, has panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("the screen failed: %v", e.Value) }

// guard ends a program whose model panics as any other, so that the terminal is given back, and
// knows the commands that run.
type guard struct {
	end func(error)

	mu       sync.Mutex
	over     bool // no command begins any more
	commands sync.WaitGroup
}

// caught is deferred by what may panic.
func (g *guard) caught() {
	if r := recover(); r != nil {
		g.end(&PanicError{Value: r, Stack: debug.Stack()})
	}
}

// begin reports whether a command may run. It then calls g.commands.Done at its end.
func (g *guard) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.over {
		g.commands.Add(1)
	}
	return !g.over
}

// wait lets no command begin, and waits for those that run.
func (g *guard) wait() {
	g.mu.Lock()
	g.over = true
	g.mu.Unlock()
	g.commands.Wait()
}

// watched is cmd under the guard. So are the commands of a batch.
func (g *guard) watched(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		if !g.begin() {
			return nil
		}
		defer g.commands.Done()
		defer g.caught()
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = g.watched(batch[i])
			}
		}
		return msg
	}
}

// guarded is a model under a guard.
type guarded struct {
	*guard
	model tea.Model
}

// Init implements tea.Model.
func (g guarded) Init() tea.Cmd {
	defer g.caught()
	return g.watched(g.model.Init())
}

// Update implements tea.Model. After a panic the model is what it was before.
func (g guarded) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	next = g
	defer g.caught()
	model, cmd := update(g.model, msg)
	return guarded{g.guard, model}, g.watched(cmd)
}

// View implements tea.Model.
func (g guarded) View() string {
	defer g.caught()
	return g.model.View()
}
