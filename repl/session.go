package repl

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
)

// Options are what a session is made of.
type Options struct {
	// Env is what statements run in: the streams and their looks, the environment, the folder of
	// files, the log, the shell. Its arguments, flags, settings and connection are not looked at.
	Env command.Env
	// Flags are those that the session was begun with. Of the global ones each statement gets
	// what it was not given itself.
	Flags command.Flags
	// Logger makes the log of one statement, by the settings and the streams of its Env, which may
	// say more than others. Nil is Env.Log for all.
	Logger func(*command.Env) *slog.Logger
	// Dial connects to the exchange of settings, as command.Dial does.
	Dial func(ctx context.Context, s command.Settings, patient bool) (*service.Conn, error)

	// Interactive says that a person types the texts: the session keeps one connection that
	// waits for the exchange, and jobs go on between texts.
	Interactive bool
	// GoOn says that a text or script goes on behind what fails: set errexit off.
	GoOn bool
	// Notify shows a line of a job, without its end, above whatever the person is typing. It
	// may be called by many goroutines. Nil writes to Env.Err.
	Notify func(line string)
	// History returns the last lines that were typed, at most n of them, the oldest first. It
	// is nil where nobody types.
	History func(n int) []string
	// Connected is told the connection of the session, when there is a new one; nil tells nobody.
	Connected func(*service.Conn)
}

// Session runs statements: it has variables, jobs, settings and a connection of its own. Run and
// Close are for one goroutine at a time; Prompt, Complete and Secret may be called from others.
type Session struct {
	opts  Options
	table command.Table

	variables variables
	settings  sessionSettings
	jobs      jobs
	link      link
	sources   int  // files inside files
	goesOn    bool // behind what fails, whatever the settings say
	out, err  shared

	mu       sync.Mutex
	use      string       // the service of targets that begin with a dot
	lastCall command.Line // that could be read
}

// ErrQuit ends a session, in good order.
var ErrQuit = errors.New("quit")

// NewSession makes a session. What is wrong with the settings it begins with is the error.
func NewSession(o Options) (*Session, error) {
	s := &Session{opts: o}
	s.table = append(s.builtins(), commands()...)
	s.out.to, s.err.to = o.Env.Out, o.Env.Err
	s.settings.given = globalsOf(o.Flags)
	s.jobs.session = s
	s.settings.errexit = !o.Interactive && !o.GoOn
	if err := s.settle(); err != nil {
		return nil, err
	}
	if !o.Interactive { // the output is that of the command line in a pipe
		s.opts.Env.Piped = true
		s.opts.Env.OutLook.Color = render.LookOf(false, s.settings.current().Color, o.Env.Getenv).Color
	}
	return s, nil
}

// commands are those of the command line that a session has.
func commands() command.Table {
	all := command.Commands()
	var table command.Table
	for _, section := range []command.Section{command.SectionLook, command.SectionUse, command.SectionWatch} {
		table = append(table, all.Of(section)...)
	}
	if c, err := all.Find("context"); err == nil {
		table = append(table, c)
	}
	return table
}

// Begin connects a session that a person types into. It does not wait for the exchange.
func (s *Session) Begin(ctx context.Context) error {
	_, err := s.link.get(ctx, s, s.settings.now, true)
	return err
}

// Close ends the jobs and waits for them, and closes the connection.
func (s *Session) Close() {
	s.jobs.end(nil)
	s.jobs.wait()
	s.link.close()
}

// Prompt is what a prompt shows.
type Prompt struct {
	Context   string // the name of the context, or the address of the exchange where another was given
	Use       string // the service of targets that begin with a dot; empty for none
	Connected bool
}

// Prompt says where the session is.
func (s *Session) Prompt() Prompt {
	now := s.settings.current()
	p := Prompt{Context: now.Context, Use: s.used(), Connected: s.link.up()}
	if p.Context == "" {
		p.Context = "local"
	}
	if s.settings.elsewhere() {
		p.Context = now.Exchange
	}
	return p
}

// shared is a stream that many write to.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

// Write writes a text in one piece.
func (w *shared) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(text)
}

func (s *Session) used() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.use
}

func (s *Session) setUse(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.use = name
}
