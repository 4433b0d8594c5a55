package repl

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/netsvc/netsvc/internal/command"
)

// sessionSettings are the settings of a session: what it was begun with, and what set says.
type sessionSettings struct {
	given command.Line // the global flags of the session
	set   command.Line // what set says, stronger

	mu      sync.Mutex
	now     command.Settings // of a statement without flags
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

// put sets a global flag for the statements to come.
func (s *sessionSettings) put(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set.Globals = slices.DeleteFunc(slices.Clone(s.set.Globals), func(word string) bool { return command.IsFlag(word, name) })
	s.set.Globals = append(s.set.Globals, "--"+name+"="+text)
}

// under puts the session's flags under those of a line. Its format is not among them.
func (s *sessionSettings) under(flags command.Flags) command.Flags {
	return command.Over(flags, withoutFormat(s.own()))
}

// format is the format of the session, or "".
func (s *sessionSettings) format() string {
	return s.own().String("output")
}

// own are the flags of the session.
func (s *sessionSettings) own() command.Flags {
	s.mu.Lock()
	defer s.mu.Unlock()
	return command.Over(s.set.Given(), s.given.Given())
}

// withoutFormat are flags but for the format.
func withoutFormat(flags command.Flags) command.Flags { return formatless{flags} }

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

// resolve makes the settings of a run of c with flags of its own.
func (s *Session) resolve(c *command.Command, flags command.Flags) (command.Settings, error) {
	getenv := s.opts.Env.Getenv
	if format := s.settings.format(); format != "" {
		outer := getenv
		getenv = func(name string) string {
			if name == "NETSVC_OUTPUT" {
				return format
			}
			return outer(name)
		}
	}
	return c.Resolve(s.settings.under(flags), getenv, s.opts.Env.Folder)
}

// settle finds the settings of statements without flags out anew.
func (s *Session) settle() error {
	var none command.Line
	now, err := s.resolve(&command.Command{}, none.Given())
	if err != nil {
		return err
	}
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	s.settings.now = now
	return nil
}
