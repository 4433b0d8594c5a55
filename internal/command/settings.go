package command

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/value"
)

// Settings are what the global flags and the environment say. A flag is stronger than the
// environment, which is stronger than the default.
type Settings struct {
	Exchange       string        // in the form that service.Connect takes
	ExplicitPlace  bool          // Exchange is not the default
	Timeout        time.Duration // of a command, 30 s
	ConnectTimeout time.Duration // of connecting, 2 s
	Format         Format
	Color          render.Choice
	JQ             string // an expression that each result goes through; empty for none
	NoInput        bool   // nothing may be read from stdin
	Context        string // the settings kept under this name; empty for none
	Verbose        bool
	Quiet          bool
	LogLevel       slog.Level
}

// The environment that settings come from.
const (
	envExchange = "NETSVC_EXCHANGE"
	envTimeout  = "NETSVC_TIMEOUT"
	envOutput   = "NETSVC_OUTPUT"
	envLog      = "NETSVC_LOG"
)

// Resolve makes the settings of a run of the command from the global flags and the environment.
func (c *Command) Resolve(flags Flags, getenv func(string) string) (Settings, error) {
	r := resolver{flags: flags, getenv: getenv}
	s := Settings{
		ConnectTimeout: 2 * time.Second,
		Timeout:        30 * time.Second,
		Format:         Format(r.choice("output", envOutput, string(FormatAuto), formats())),
		Color:          render.Choice(r.text("color", "", string(render.ColorAuto))),
		Verbose:        flags.Bool("verbose"),
		Quiet:          flags.Bool("quiet"),
		JQ:             flags.String("jq"),
		NoInput:        flags.Bool("no-input"),
		Context:        flags.String("context"),
	}
	if flags.IsSet("connect-timeout") {
		s.ConnectTimeout = flags.Duration("connect-timeout")
	}
	s.Timeout = r.timeout(s.Timeout)
	s.Exchange = r.exchange()
	s.ExplicitPlace = s.Exchange != DefaultExchange
	s.LogLevel = r.logLevel(s)
	if r.err == nil {
		s.Format, r.err = c.format(s.Format, flags.IsSet("output"))
	}
	return s, r.err
}

// resolver looks settings up and keeps the first error.
type resolver struct {
	flags  Flags
	getenv func(string) string
	err    error
}

// text is what the flag says, else the variable, else the default.
func (r *resolver) text(flag, variable, standard string) string {
	if r.flags.IsSet(flag) {
		return r.flags.String(flag)
	}
	if variable != "" {
		if text := r.getenv(variable); text != "" {
			return text
		}
	}
	return standard
}

// choice is a text that must be one of some.
func (r *resolver) choice(flag, variable, standard string, values []string) string {
	text := r.text(flag, variable, standard)
	if !slices.Contains(values, text) {
		err := usage("", "%s wants one of %s, not %q", variable, strings.Join(values, ", "), text)
		if near := value.Nearest(text, values); near != "" {
			err.meant(near)
		}
		r.fail(err)
	}
	return text
}

func (r *resolver) timeout(standard time.Duration) time.Duration {
	if r.flags.IsSet("timeout") {
		return r.flags.Duration("timeout")
	}
	text := r.getenv(envTimeout)
	if text == "" {
		return standard
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		r.fail(usage("", "%s wants a duration such as 10s, not %q", envTimeout, text))
	}
	return d
}

func (r *resolver) exchange() string {
	place, err := ParsePlace(r.text("exchange", envExchange, DefaultExchange))
	if err != nil {
		var e *Error
		if !r.flags.IsSet("exchange") && errors.As(err, &e) {
			e.Message = envExchange + ": " + e.Message
		}
		r.fail(err)
	}
	return place.Target()
}

// logLevel is what to log: --verbose and --quiet, else NETSVC_LOG, else informations.
func (r *resolver) logLevel(s Settings) slog.Level {
	switch {
	case s.Verbose:
		return slog.LevelDebug
	case s.Quiet:
		return slog.LevelWarn
	}
	text := r.getenv(envLog)
	if text == "" {
		return slog.LevelInfo
	}
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	level, ok := levels[text]
	if !ok {
		r.fail(usage("", "%s wants one of debug, info, warn, error, not %q", envLog, text))
	}
	return level
}

func (r *resolver) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
