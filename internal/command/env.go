package command

import (
	"context"
	"io"
	"log/slog"
	"os"

	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
)

// Env is where a command runs.
type Env struct {
	Args     []string // its arguments
	Flags    Flags    // its own flags
	Settings Settings
	Folder   config.Folder // of the files that settings come from

	In      io.Reader
	Out     io.Writer // results only
	Err     io.Writer // everything else
	OutLook render.Look
	ErrLook render.Look
	Log     *slog.Logger // notices on Err; daemons log there

	// Connect returns the connection to use. A patient one is returned at once and keeps
	// trying; else the exchange must be there. Closing it is not the command's work.
	Connect func(ctx context.Context, patient bool) (*service.Conn, error)

	// Shell runs a command line of the system's shell and waits for it, or for ctx, which ends
	// it. facts are NAME=TEXT and come on top of the environment. It writes to Out and Err.
	Shell func(ctx context.Context, line string, facts []string, stdin []byte) error
}

// bounded is ctx with the deadline of the command.
func (e *Env) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, e.Settings.Timeout)
}

// Stdin reads all of Env.In. With File it makes Env a value.Sources.
func (e *Env) Stdin() ([]byte, error) { return io.ReadAll(e.In) }

// File reads a file that an argument names.
func (e *Env) File(path string) ([]byte, error) { return os.ReadFile(path) }
