package command

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// Env is where a command runs.
type Env struct {
	Args     []string // its arguments
	Flags    Flags    // its own flags
	Settings Settings
	Folder   config.Folder // of the files that settings come from
	Table    Table         // of whoever runs it: all commands there are, for help

	In      io.Reader
	Out     io.Writer // results only
	Err     io.Writer // everything else
	OutLook render.Look
	ErrLook render.Look
	Log     *slog.Logger // notices on Err; daemons log there

	// Piped writes results in the forms of a pipe on a terminal, too: compact, and no tables.
	Piped bool

	// Getenv is the environment, for what is no setting.
	Getenv func(name string) string
	// Descriptors is how many files and connections a process may have open; 0 where that is
	// not known.
	Descriptors uint64

	// Connect returns the connection to use. A patient one is returned at once and keeps
	// trying; else the exchange must be there. Closing it is not the command's work.
	Connect func(ctx context.Context, patient bool) (*service.Conn, error)

	// ShowTop shows samples on the whole screen of Out until a key or ctx ends it. It is nil
	// where nothing can show a screen: then they are printed.
	ShowTop func(ctx context.Context, s *TopSampler) error

	// Shell runs a command line of the system's shell and waits for it, or for ctx, which ends
	// it.
	Shell func(ctx context.Context, line ShellLine) error

	// OnResult, if not nil, is told each result before it is written, in whatever form that is.
	// It runs on the command's goroutine, one call at a time.
	OnResult func(Result)

	// Progress says on Err what the command waits for; nil says nothing. With it Out and Err are
	// guarded by it as far as they are the same terminal.
	Progress *Progress

	made      []byte // the last document that filter made
	filter    filter // what --jq makes of results; nil for what they are
	yamlBegun bool   // a document was written, so the next one is divided from it
}

// ShellLine is a command line for the system's shell. Out and Err may be those of an Env, as far
// as it may write there.
type ShellLine struct {
	Text  string
	Facts []string // NAME=TEXT, on top of the environment
	In    io.Reader
	Out   io.Writer
	Err   io.Writer
}

// Result is one result of a command, behind the expression of --jq.
type Result struct {
	JSON    []byte    // one compact document; not to be kept or changed
	Encoded value.Raw // what came over the network, when it is that; nil for all else
	Item    bool      // it is one of a list or stream, whose others come, too
}

// bounded is ctx with the deadline of the command. Until it is canceled people are told what the
// command waits for: what its first argument names, or the exchange.
func (e *Env) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if len(e.Args) == 0 {
		return e.boundedFor(ctx, e.theExchange())
	}
	return e.boundedFor(ctx, e.Args[0])
}

// boundedFor is bounded for a command that waits for something else.
func (e *Env) boundedFor(ctx context.Context, what string) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, e.Settings.Timeout)
	end := e.Progress.Begin(what)
	return ctx, func() { end(); cancel() }
}

func (e *Env) theExchange() string { return "the exchange at " + e.Settings.Exchange }

// Stdin reads all of Env.In. With File it makes Env a value.Sources. The error is the bare reason.
func (e *Env) Stdin() ([]byte, error) {
	data, err := io.ReadAll(e.In)
	return data, reasonOf(err)
}

// File reads a file that an argument names. The error is the bare reason: who asks names the file.
func (e *Env) File(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	return data, reasonOf(err)
}

// reasonOf is an error of a file without what was tried and on which.
func reasonOf(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
