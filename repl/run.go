package repl

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
)

// Where says which line of a script a text is. The zero value is no script.
type Where struct {
	File string
	Line int // from 1

	errors io.Writer // of a job; nil for those of the session
}

// errorsTo is where failures are told.
func (s *Session) errorsTo(where Where) io.Writer {
	if where.errors != nil {
		return where.errors
	}
	return &s.err
}

// Run runs the items of a text, one after the other, up to the first that fails, or all of them
// where set errexit off says so. Each failure is written to Env.Err as it comes, with the place where
// it happened; the error returned is the first one, told already. ErrQuit says that the session is
// to end; joined to it is what failed before. When ctx ends, so does what runs.
func (s *Session) Run(ctx context.Context, text string, where Where) error {
	return s.text(ctx, text, s.streams(), where)
}

// text runs the items of a text, with streams that their results go to unless they say otherwise.
func (s *Session) text(ctx context.Context, text string, to streams, where Where) error {
	items, err := parse(text)
	if open, ok := err.(*unfinished); ok {
		err = wrong("", "%s", open.what)
	}
	if err != nil {
		return s.report(ctx, err, where, s.telling())
	}
	var first error
	for _, it := range items {
		err := s.item(ctx, it, to, where)
		if errors.Is(err, ErrQuit) {
			return errors.Join(first, err)
		}
		if first == nil {
			first = err
		}
		if err != nil && (s.stops() || ctx.Err() != nil) {
			return first
		}
	}
	return first
}

// streams are what an item reads and writes.
type streams struct {
	in      io.Reader
	out     io.Writer
	outLook render.Look
	err     io.Writer
	errLook render.Look
	quiet   bool // nobody waits for it: no progress
	job     bool
	collect *collector // of the results; nil for none
}

// streams are those of the session.
func (s *Session) streams() streams {
	e := &s.opts.Env
	return streams{in: e.In, out: &s.out, outLook: e.OutLook, err: &s.err, errLook: e.ErrLook}
}

// streamsOf are those of a command, for the items that it runs.
func streamsOf(env *command.Env) streams {
	return streams{in: env.In, out: env.Out, outLook: env.OutLook, err: env.Err, errLook: env.ErrLook, quiet: env.Progress == nil}
}

// item runs an item. What fails is reported.
func (s *Session) item(ctx context.Context, it *item, to streams, where Where) error {
	if it.job {
		return s.reported(ctx, s.jobs.begin(ctx, it, where), where)
	}
	switch it.meta {
	case shellMeta:
		return s.reported(ctx, s.shell(ctx, it.shell, to), where)
	case timeMeta:
		begun := time.Now()
		err := s.item(ctx, it.inside, to, where)
		s.tookTime(to, time.Since(begun))
		return err
	case watchMeta:
		return s.watch(ctx, it, to, where)
	case repeatMeta:
		return s.repeat(ctx, it, to, where)
	}
	begun := time.Now()
	err := s.statement(ctx, it, to, where)
	if _, timing := s.settings.switches(); timing {
		s.tookTime(to, time.Since(begun))
	}
	return err
}

// reported reports an error of an item, if there is one.
func (s *Session) reported(ctx context.Context, err error, where Where) error {
	if err == nil {
		return nil
	}
	return s.report(ctx, err, where, s.telling())
}

// report writes why something failed, and returns that as told. The end of the session is no failure.
func (s *Session) report(ctx context.Context, err error, where Where, how telling) error {
	if errors.Is(err, ErrQuit) {
		return err
	}
	e := command.Explain(ctx, err)
	if e.Told {
		return e
	}
	placed := *e
	if cause := context.Cause(ctx); cause == errGone || cause == errEnded { // somebody wanted it so
		placed.Told = true
		return &placed
	}
	placed.File, placed.FileLine = where.File, where.Line
	s.errorsTo(where).Write(placed.Append(nil, how.format, s.opts.Env.ErrLook, how.verbose))
	placed.Told = true
	return &placed
}

// telling is how errors are written.
type telling struct {
	format  command.Format
	verbose bool
}

// telling is that of statements without flags.
func (s *Session) telling() telling {
	now := s.settings.current()
	return telling{now.Format, now.Verbose}
}

// tellingOf is that of a line, as far as it could be read.
func (s *Session) tellingOf(line command.Line) telling {
	how, flags := s.telling(), line.Given()
	if flags.IsSet("output") {
		how.format = command.Format(flags.String("output"))
	}
	how.verbose = how.verbose || flags.Bool("verbose")
	return how
}

// shell runs a line of the system's shell.
func (s *Session) shell(ctx context.Context, line string, to streams) error {
	err := s.opts.Env.Shell(ctx, s.shellLine(line, to))
	return shellFailure(ctx, line, err)
}

// shellLine is a line of the system's shell with the streams of an item. Children get the session's
// own streams as they are, which may be a terminal.
func (s *Session) shellLine(line string, to streams) command.ShellLine {
	l := command.ShellLine{Text: line, In: to.in, Out: to.out, Err: to.err, Facts: s.facts()}
	if to.out == &s.out {
		l.Out = s.opts.Env.Out
	}
	if to.err == &s.err {
		l.Err = s.opts.Env.Err
	}
	return l
}

// facts tell children of the shell where the session is, so that netsvc there is there, too.
func (s *Session) facts() []string {
	return []string{"NETSVC_EXCHANGE=" + s.settings.current().Exchange}
}
