package topscreen

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/screen"
)

// Run shows samples on the terminal until a key or ctx ends it. Nil means that somebody had
// enough of it; after Ctrl-C it is a command.Interrupted, and after ctx its cause.
func Run(ctx context.Context, t screen.Terminal, s *command.TopSampler) error {
	last, err := screen.Run(ctx, t, func(ctx context.Context) tea.Model {
		return newModel(t.Theme, s.Exchange(), source{
			sample: func() tea.Msg { return ask(ctx, s) },
			after:  func(d time.Duration, msg tea.Msg) tea.Cmd { return after(ctx, d, msg) },
		})
	})
	if m, ok := last.(model); ok && err == nil {
		return m.failure
	}
	return err
}

// source is where the model has samples and time from.
type source struct {
	sample tea.Cmd // brings a sampled
	after  func(d time.Duration, msg tea.Msg) tea.Cmd
}

// sampled is the outcome of one question.
type sampled struct {
	sample *command.TopSample
	err    error
}

func ask(ctx context.Context, s *command.TopSampler) tea.Msg {
	sample, err := s.Sample(ctx)
	return sampled{sample, err}
}

// after brings msg once d has passed, unless ctx has ended.
func after(ctx context.Context, d time.Duration, msg tea.Msg) tea.Cmd {
	return func() tea.Msg {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return msg
		case <-ctx.Done():
			return nil
		}
	}
}
