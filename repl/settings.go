package repl

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/netsvc/netsvc/internal/command"
)

// sessionSettings are the settings of a session: what it was begun with, and what set says.
type sessionSettings struct {
	given command.Line // the global flags of the session
	set   command.Line // what set and context use say, stronger

	mu      sync.Mutex
	now     command.Settings // of a statement without flags
	context string           // that the session keeps to, whatever others make the current one; empty for none
	errexit bool             // a text ends at its first failure
	timing  bool             // each statement says how long it took
}

// switches are the settings that are on or off.
func (s *sessionSettings) switches() (errexit, timing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.errexit, s.timing
}

func (s *sessionSettings) errexitNow() bool {
	errexit, _ := s.switches()
	return errexit
}

// turn turns one of them on or off.
func (s *sessionSettings) turn(name string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "errexit" {
		s.errexit = on
	} else {
		s.timing = on
	}
}

// current are the settings of a statement without flags.
func (s *sessionSettings) current() command.Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// elsewhere reports whether the exchange was given by its address, not by a context.
func (s *sessionSettings) elsewhere() bool {
	now := s.current()
	origin := string(now.Of("exchange").Origin)
	return strings.HasPrefix(origin, "flag --exchange") || strings.HasPrefix(origin, "environment ")
}

// globalsOf are the global ones among some flags, as words. The format is left out: a command
// that does not have it uses its own.
func globalsOf(flags command.Flags) command.Line {
	var line command.Line
	if flags == nil {
		return line
	}
	for _, f := range command.GlobalFlags() {
		if !flags.IsSet(f.Name) {
			continue
		}
		text := flags.String(f.Name)
		switch f.Kind {
		case command.Switch:
			text = strconv.FormatBool(flags.Bool(f.Name))
		case command.Duration:
			text = flags.Duration(f.Name).String()
		}
		line.Globals = append(line.Globals, "--"+f.Name+"="+text)
	}
	return line
}

// move makes a context that of the session, whatever that was begun with.
func (s *sessionSettings) move(context string) {
	s.drop("exchange")
	s.put("context", context)
}

// drop forgets a global flag.
func (s *sessionSettings) drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range []*command.Line{&s.given, &s.set} {
		line.Globals = slices.DeleteFunc(slices.Clone(line.Globals), func(word string) bool { return command.IsFlag(word, name) })
	}
}

// leave lets the session follow the files again.
func (s *sessionSettings) leave() {
	s.drop("context")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.context = ""
}

// put sets a global flag for the statements to come.
func (s *sessionSettings) put(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set.Globals = slices.DeleteFunc(slices.Clone(s.set.Globals), func(word string) bool { return command.IsFlag(word, name) })
	s.set.Globals = append(s.set.Globals, "--"+name+"="+text)
}

// under puts the session's flags under those of a line with command c: the format if c has it. What
// context add keeps is what its own line says.
func (s *sessionSettings) under(flags command.Flags, c *command.Command) command.Flags {
	own := s.own()
	switch {
	case c.Name == "context add":
		return flags
	case !hasFormat(c, command.Format(own.String("output")), command.Over(flags, own).IsSet("jq")):
		own = formatless{own}
	}
	return command.Over(flags, own)
}

// hasFormat reports whether results of c, which may go through an expression, can have a format.
func hasFormat(c *command.Command, f command.Format, filtered bool) bool {
	if c.Formats == nil {
		return f == command.FormatAuto || f.IsJSON()
	}
	return (f == command.FormatAuto || slices.Contains(c.Formats, f)) && !(filtered && f == command.FormatName)
}

// own are the flags of the session.
func (s *sessionSettings) own() command.Flags {
	s.mu.Lock()
	defer s.mu.Unlock()
	return command.Over(s.set.Given(), s.given.Given())
}

// formatless are flags but for the format.
type formatless struct{ command.Flags }

// IsSet reports whether a flag was given.
func (f formatless) IsSet(name string) bool { return name != "output" && f.Flags.IsSet(name) }

// String is a Text.
func (f formatless) String(name string) string {
	if name == "output" {
		return ""
	}
	return f.Flags.String(name)
}

// resolve makes the settings of a run of c with flags of its own. What another process makes the
// current context is none of the session's, but for commands that are about contexts.
func (s *Session) resolve(c *command.Command, flags command.Flags) (command.Settings, error) {
	getenv := s.opts.Env.Getenv
	if kept := s.settings.kept(); kept != "" && !strings.HasPrefix(c.Name, "context ") {
		outer := getenv
		getenv = func(name string) string {
			if name == "NETSVC_CONTEXT" {
				return kept
			}
			return outer(name)
		}
	}
	return c.Resolve(s.settings.under(flags, c), getenv, s.opts.Env.Folder)
}

// kept is the context that the session keeps to.
func (s *sessionSettings) kept() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.context
}

// follow goes where a command about contexts leads: to the one that is used now, or away from one
// that is gone. A person's session is connected there at once.
func (s *Session) follow(ctx context.Context, line command.Line) error {
	switch {
	case line.Command.Name == "context use":
		s.settings.move(line.Args[0])
	case line.Command.Name == "context rm" && s.settings.current().Context == line.Args[0]:
		s.settings.leave()
	}
	err := s.settle()
	if err == nil && s.opts.Interactive {
		err = s.Begin(ctx)
	}
	return err
}

// settle finds the settings of statements without flags out anew.
func (s *Session) settle() error {
	var none command.Line
	now, err := s.resolve(&command.Command{Formats: formats()}, none.Given())
	if err != nil {
		return err
	}
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	s.settings.now, s.settings.context = now, now.Context
	return nil
}

// formats are all that results can have.
func formats() []command.Format {
	return []command.Format{
		command.FormatJSON, command.FormatJSONL, command.FormatYAML, command.FormatTable, command.FormatName, command.FormatRaw,
	}
}
