package command

import (
	"context"
	"io"

	"github.com/netsvc/netsvc/pkg/service"
)

// Execute runs the command in env, which is for one run. What the settings say about all
// commands holds from here on: results go through the expression of --jq, and with --no-input
// nothing is read. An expression that cannot be read is an error before anything is done. It
// returns when ctx ends at the latest.
func (c *Command) Execute(ctx context.Context, env *Env) error {
	var err error
	if env.filter, err = newFilter(ctx, &env.Settings); err != nil {
		return err
	}
	if env.Settings.NoInput {
		env.In = noInput{}
	}
	connect := env.Connect
	env.Connect = func(ctx context.Context, patient bool) (*service.Conn, error) {
		defer env.Progress.Begin(env.theExchange())()
		return connect(ctx, patient)
	}
	return c.Run(ctx, env)
}

// mayRead refuses to read stdin with --no-input, for a command that wants to know before it begins.
func (e *Env) mayRead() error {
	if !e.Settings.NoInput {
		return nil
	}
	_, err := noInput{}.Read(nil)
	return err
}

// noInput stands where stdin would be with --no-input.
type noInput struct{}

var _ io.Reader = noInput{}

// Read refuses to.
func (noInput) Read([]byte) (int, error) {
	return 0, usage("", "--no-input: this would read stdin")
}
