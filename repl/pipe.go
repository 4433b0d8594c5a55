package repl

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"

	"github.com/netsvc/netsvc/internal/command"
)

// errGone is why the context of a statement has ended whose results nobody reads any more.
var errGone = errors.New("the reader has gone")

// intoPipe writes the results to a line of the system's shell, as they come. The statement ends when
// that does. When both fail, it is the statement's failure that counts.
func (s *Session) intoPipe(ctx context.Context, line string, to streams, where Where, run func(context.Context, streams) error) error {
	read, write, err := os.Pipe()
	if err != nil {
		return s.reported(ctx, command.Internal("", err), where)
	}
	running, end := context.WithCancelCause(ctx)
	defer end(nil)
	var reader sync.WaitGroup
	var ended error
	child := s.shellLine(line, to)
	child.In = read
	reader.Go(func() { ended = s.feed(ctx, child, read, end) }) // ends with the line of the shell
	to.out, to.quiet = write, true
	err = run(running, to)
	if context.Cause(running) == errGone && ctx.Err() == nil {
		err = nil // however it took that nobody read on
	}
	write.Close()
	reader.Wait()
	if err == nil {
		err = s.reported(ctx, shellFailure(ctx, line, ended), where)
	}
	return err
}

// feed runs a line of the shell that reads from a pipe.
func (s *Session) feed(ctx context.Context, line command.ShellLine, from *os.File, end context.CancelCauseFunc) error {
	err := s.opts.Env.Shell(ctx, line)
	from.Close()
	end(errGone)
	return err
}

// shellFailure is the failure of a line of the shell, with its exit code.
func shellFailure(ctx context.Context, line string, err error) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return command.Exited(exit.ExitCode(), "%s: exit code %d", line, exit.ExitCode())
	}
	return command.Internal("", err)
}
