package repl

import (
	"context"
	"slices"
	"strconv"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/value"
)

// sectionSession is the heading of the builtins.
const sectionSession command.Section = "session"

// shapeFormats are those of a list that has a table.
var shapeFormats = []command.Format{command.FormatJSON, command.FormatJSONL, command.FormatYAML, command.FormatTable}

// builtins are the commands that only a session has.
func (s *Session) builtins() command.Table {
	table := command.Table{
		{Name: "use", Args: "SERVICE|..", Summary: "let .METHOD stand for SERVICE.METHOD, until use ..", MinArgs: 1, MaxArgs: 1, Run: s.runUse, Complete: command.AnyName},
		{Name: "jobs", Summary: "list the jobs", Run: s.runJobs, Formats: shapeFormats},
		{Name: "unsub", Args: "ID|*", Summary: "end a subscription or any other job, or all", MinArgs: 1, MaxArgs: 1, Run: s.runUnsub, Complete: s.anyJob},
		{Name: "vars", Summary: "list the variables", Run: s.runVars, Formats: shapeFormats},
		{Name: "unset", Args: "NAME...", Summary: "forget variables", MinArgs: 1, MaxArgs: -1, Run: s.runUnset, Complete: s.anyVariable},
		{Name: "set", Args: "[NAME VALUE]", Summary: "show the session's settings, or change one: output, timeout, errexit, timing", MaxArgs: 2,
			Run: s.runSet, Formats: shapeFormats, Complete: anySetting},
		{Name: "save", Args: "NAME", Summary: "keep the last call for run NAME", MinArgs: 1, MaxArgs: 1, Run: s.runSave},
		{Name: "source", Args: "FILE", Summary: "run the lines of a file", MinArgs: 1, MaxArgs: 1, Run: s.runSource, Complete: command.AnyFile},
		{Name: "history", Args: "[N]", Summary: "show the last N lines that were typed, or 20", MaxArgs: 1, Run: s.runHistory},
		{Name: "help", Args: "[TOPIC|COMMAND]", Summary: "explain the prompt, a command or a topic", MaxArgs: 2, Lenient: true, Run: s.runHelp, Complete: s.anyHelp},
		{Name: "quit", Aliases: []string{"exit"}, Summary: "end the session", Run: func(context.Context, *command.Env) error { return ErrQuit }},
	}
	for _, c := range table {
		c.Section = sectionSession
	}
	return table
}

func (s *Session) runUse(_ context.Context, env *command.Env) error {
	name := env.Args[0]
	if name == ".." {
		s.setUse("")
		return nil
	}
	if err := value.CheckServiceName(name); err != nil && !isAddress(name) {
		return wrong("such as use math", "use wants a service: %v", err)
	}
	s.setUse(name)
	return nil
}

// isAddress reports whether a name is that of one instance.
func isAddress(name string) bool { return addressForm.MatchString(name) }

func (s *Session) runJobs(_ context.Context, env *command.Env) error {
	shapes := s.jobs.shapes()
	return env.Print(shapes, func(dst []byte, l render.Look) []byte { return jobTable(shapes).Append(dst, l) })
}

func (s *Session) runUnsub(_ context.Context, env *command.Env) error {
	if env.Args[0] == "*" {
		s.jobs.end(nil)
		return nil
	}
	number, err := strconv.Atoi(env.Args[0])
	if err != nil || !s.jobs.end(&number) {
		return wrong("jobs lists them", "no job %s", env.Args[0])
	}
	return nil
}

// variableShape is a variable as programs see it.
type variableShape struct {
	Name  string  `json:"name"`
	Value rawJSON `json:"value"`
}

// rawJSON is a document inside another.
type rawJSON []byte

// MarshalJSON returns it as it is.
func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

func (s *Session) runVars(_ context.Context, env *command.Env) error {
	shapes := []variableShape{}
	table := &render.Table{Header: []string{"NAME", "VALUE"}}
	for _, name := range s.variables.names() {
		k, err := s.variables.whole("$" + name)
		if err != nil {
			continue // a job has just unset it
		}
		shapes = append(shapes, variableShape{name, k.json})
		table.Add("$"+name, string(k.json))
	}
	return env.Print(shapes, table.Append)
}

func (s *Session) runUnset(_ context.Context, env *command.Env) error {
	names := slices.Clone(env.Args)
	for i, name := range names {
		if name[0] == '$' {
			names[i] = name[1:]
		}
	}
	return s.variables.unset(names)
}

func (s *Session) runSave(ctx context.Context, env *command.Env) error {
	s.mu.Lock()
	line := s.lastCall
	s.mu.Unlock()
	if line.Command == nil {
		return wrong("make it first", "there is no call to save")
	}
	line.Flags = append(slices.Clone(line.Flags), "--save="+env.Args[0])
	again := *env
	again.Args, again.Flags = line.Args, s.settings.under(line.Given(), line.Command)
	return command.KeepCall(ctx, &again)
}

func (s *Session) runSource(ctx context.Context, env *command.Env) error {
	return s.source(ctx, env.Args[0], streamsOf(env))
}

func (s *Session) runHistory(_ context.Context, env *command.Env) error {
	n := 20
	if len(env.Args) > 0 {
		var err error
		if n, err = strconv.Atoi(env.Args[0]); err != nil || n < 1 {
			return wrong("", "history wants a number from 1 up, not %s", env.Args[0])
		}
	}
	if s.opts.History == nil {
		return wrong("", "only a session at a terminal has a history")
	}
	for _, line := range s.opts.History(n) {
		if err := write(env.Out, env.OutLook.Text(line)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// anyJob offers the jobs.
func (s *Session) anyJob(_ context.Context, q *command.Query) {
	for _, shape := range s.jobs.shapes() {
		q.Add(strconv.Itoa(shape.ID), shape.Text)
	}
	q.Add("*", "all")
}

// anyVariable offers the variables, by their names.
func (s *Session) anyVariable(_ context.Context, q *command.Query) {
	for _, name := range s.variables.names() {
		q.Add(name, "")
	}
}

// anyHelp offers what help explains.
func (s *Session) anyHelp(_ context.Context, q *command.Query) {
	for _, c := range s.table {
		if !c.Hidden && len(q.Args) == 0 {
			q.Add(c.Name, c.Summary)
		}
	}
	for _, topic := range command.Explained() {
		if len(q.Args) == 0 {
			q.Add(topic, "")
		}
	}
}
