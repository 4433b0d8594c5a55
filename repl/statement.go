package repl

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
)

// statement runs the statement of an item, and sends its results where they belong.
func (s *Session) statement(ctx context.Context, it *item, to streams, where Where) error {
	to.collect = &collector{}
	if it.pipe != "" || it.file != nil || it.assign != "" {
		to.outLook = render.Look{}
	}
	err := s.sink(ctx, it, to, where, func(ctx context.Context, to streams) error { return s.perform(ctx, it, to, where) })
	if errors.Is(err, ErrQuit) {
		return err
	}
	if refused := s.keepValue(it, to, err); err == nil {
		err = s.reported(ctx, refused, where)
	}
	return err
}

// sink runs what writes results, to where the item sends them.
func (s *Session) sink(ctx context.Context, it *item, to streams, where Where, run func(context.Context, streams) error) error {
	switch {
	case it.pipe != "":
		return s.intoPipe(ctx, it.pipe, to, where, run)
	case it.file != nil:
		return s.intoFile(ctx, it, to, where, run)
	case it.assign != "":
		to.out = io.Discard
	}
	return run(ctx, to)
}

// keepValue keeps the value of a statement that went well, and what came of one that was ended.
func (s *Session) keepValue(it *item, to streams, failed error) error {
	results := to.collect
	if failed != nil && len(results.results) == 0 {
		return nil
	}
	v, err := results.value()
	if it.assign != "" && failed == nil {
		if err != nil {
			return err
		}
		if err := s.variables.set(it.assign, v); err != nil {
			return err
		}
	}
	if err == nil && len(results.results) > 0 && !to.job {
		s.variables.remember(v)
	}
	return nil
}

// intoFile writes the results to a file, which is opened before anything is done.
func (s *Session) intoFile(ctx context.Context, it *item, to streams, where Where, run func(context.Context, streams) error) error {
	path, err := it.file.plain()
	if err != nil {
		return s.reported(ctx, err, where)
	}
	mode := os.O_TRUNC
	if it.appended {
		mode = os.O_APPEND
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|mode, 0o666)
	if err != nil {
		return s.reported(ctx, wrong("", "cannot write %s: %v", path, reason(err)), where)
	}
	to.out = file
	err = run(ctx, to)
	if closed := file.Close(); err == nil && closed != nil {
		err = s.reported(ctx, command.Unwritten(closed), where)
	}
	return err
}

// reason is an error of a file without what was tried on which.
func reason(err error) error {
	var of *os.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// perform runs the command that a statement stands for.
func (s *Session) perform(ctx context.Context, it *item, to streams, where Where) error {
	if len(it.words) == 1 && it.words[0].kind == itemWord && it.words[0].name == "" {
		return s.again(ctx, it, to, where)
	}
	line, err := s.lineOf(ctx, it, to, where)
	if err != nil {
		return s.report(ctx, err, where, s.tellingOf(line))
	}
	return s.execute(ctx, line, it.filters, to, where)
}

// again runs $(item) as a statement: its value, once more.
func (s *Session) again(ctx context.Context, it *item, to streams, where Where) error {
	v, err := s.valueOf(ctx, it.words[0].item, to, where)
	if err != nil {
		return err
	}
	return s.execute(ctx, command.Line{Command: valueCommand(v)}, it.filters, to, where)
}

// execute runs a command with what the line gives it.
func (s *Session) execute(ctx context.Context, line command.Line, filters []string, to streams, where Where) error {
	flags := line.Given()
	if to.job && line.Command.Section == sectionSession {
		return s.reported(ctx, wrong("", "%s is no job: it is about the session", line.Command.Name), where)
	}
	if len(filters) > 0 {
		if err := checkFilters(filters); err != nil {
			return s.report(ctx, err, where, s.tellingOf(line))
		}
		flags = piped(flags, filters)
	}
	settings, err := s.resolve(line.Command, flags)
	how := telling{settings.Format, settings.Verbose}
	if how.format == "" {
		how = s.tellingOf(line)
	}
	if err == nil && line.Help {
		return s.reported(ctx, write(to.out, line.Command.Help()), where)
	}
	if err == nil {
		err = s.run(ctx, line, flags, settings, to)
	}
	err = s.executed(ctx, line, err)
	err = namedFilter(err, filters)
	if err == nil {
		return nil
	}
	return s.report(ctx, err, where, how)
}

// executed keeps in mind what later statements go by: the last call, and the context, which a command
// may have changed.
func (s *Session) executed(ctx context.Context, line command.Line, err error) error {
	switch {
	case line.Command.Name == "call":
		s.mu.Lock()
		s.lastCall = line
		s.mu.Unlock()
	case err == nil && strings.HasPrefix(line.Command.Name, "context "):
		return s.follow(ctx, line)
	}
	return err
}

// run runs a command under settings.
func (s *Session) run(ctx context.Context, line command.Line, flags command.Flags, settings command.Settings, to streams) error {
	env := s.opts.Env
	env.Args, env.Flags, env.Settings, env.Table = line.Args, s.settings.under(flags, line.Command), settings, s.table
	env.In, env.Out, env.OutLook, env.Err, env.ErrLook = to.in, to.out, to.outLook, to.err, to.errLook
	if s.opts.Logger != nil {
		env.Log = s.opts.Logger(&env)
	}
	if flags.IsSet("color") {
		env.OutLook.Color = render.LookOf(to.outLook.Terminal && !env.Piped, settings.Color, env.Getenv).Color
	}
	own := flags.IsSet("exchange") || flags.IsSet("context")
	connect, done := s.connector(settings, own)
	defer done()
	env.Connect = connect
	if to.quiet || settings.Quiet {
		env.Progress = nil
	}
	if to.collect != nil {
		env.OnResult = to.collect.add
	}
	return line.Command.Execute(ctx, &env)
}

// checkFilters refuses expressions that are none of jq, each by itself.
func checkFilters(filters []string) error {
	for _, filter := range filters {
		if _, err := render.ParseQuery(filter); err != nil {
			return wrong("jq's own | is another |>", "|> %s: %v", filter, err)
		}
	}
	return nil
}

// namedFilter words an error of --jq as one of what was typed.
func namedFilter(err error, filters []string) error {
	var e *command.Error
	if len(filters) == 0 || !errors.As(err, &e) || !strings.HasPrefix(e.Message, "--jq: ") {
		return err
	}
	worded := *e
	worded.Message = "|> " + strings.Join(filters, " |> ") + strings.TrimPrefix(e.Message, "--jq")
	return &worded
}

// piped are flags with expressions behind the one of --jq.
func piped(flags command.Flags, filters []string) command.Flags {
	if own := flags.String("jq"); own != "" {
		filters = append([]string{own}, filters...)
	}
	whole := command.Line{Globals: []string{"--jq=(" + strings.Join(filters, "\n) | (") + "\n)"}}
	return command.Over(whole.Given(), flags)
}

func write(out io.Writer, text string) error {
	if _, err := io.WriteString(out, text); err != nil {
		return command.Unwritten(err)
	}
	return nil
}
