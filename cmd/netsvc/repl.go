package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/adrg/xdg"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/repl"
)

// replName is the command whose signals its session follows, when a person is at it.
const replName = "repl"

func (p *program) replCommand() *command.Command {
	return &command.Command{
		Name:    replName,
		Section: command.SectionWatch,
		Summary: "type statements at a prompt, or run scripts of them",
		Doc: "At a terminal it asks for one statement after the other: TAB completes services, methods and\n" +
			"arguments, the arrow keys bring back what was typed, help explains the rest, and quit ends it.\n" +
			"Elsewhere, and with -c or -f, it runs a script without asking anything, up to what fails first.",
		Flags: replFlags(),
		Formats: []command.Format{
			command.FormatJSON, command.FormatJSONL, command.FormatYAML, command.FormatTable, command.FormatName, command.FormatRaw,
		},
		Run: p.runREPL,
	}
}

// talks reports whether a command is a session with the person at the terminal.
func (p *program) talks(c *command.Command, flags command.Flags) bool {
	return c.Name == replName && !scripted(flags) && isTerminal(p.std.in)
}

// giveBack returns what puts the terminal into the mode that it has now. A session does that by itself,
// unless the process ends at once, by a second signal.
func (p *program) giveBack() func() {
	terminal, _ := p.std.in.(*os.File)
	before, err := modeOf(terminal)
	if err != nil {
		return func() {}
	}
	return func() { before.set(terminal) }
}

func (p *program) runREPL(ctx context.Context, env *command.Env) error {
	if scripted(env.Flags) || !isTerminal(p.std.in) {
		return p.runScript(ctx, env)
	}
	if env.Settings.NoInput {
		return command.Usage("-c SCRIPT or -f FILE", "--no-input: a prompt would read stdin")
	}
	return p.talk(ctx, env)
}

// sitting is a session and the person at the terminal.
type sitting struct {
	*program
	env     *command.Env
	session *repl.Session
	history *repl.History
	desk    *desk
	keys    *keyboard
	conn    atomic.Pointer[service.Conn] // that the session works with
}

// talk runs a session with the person at the terminal until that is over, or ctx is.
func (p *program) talk(ctx context.Context, env *command.Env) error {
	terminal, _ := p.std.in.(*os.File)
	keys, err := newKeyboard(terminal)
	if err != nil {
		return command.Internal("", err)
	}
	defer keys.Close()
	s := &sitting{program: p, env: env, keys: keys}
	lines, err := s.lines(terminal)
	if err != nil {
		return command.Internal("", err)
	}
	s.desk = newDesk(lines, keys, env.Err)
	defer s.desk.Close()
	env.In, env.Shell = env.Progress.Ask(keys), s.shell
	if s.history, err = repl.OpenHistory(historyFile()); err != nil {
		s.desk.Tell("what was typed before is not to be had: " + err.Error())
	}
	return s.hold(ctx)
}

// hold holds the session.
func (s *sitting) hold(ctx context.Context) error {
	options := sessionOptions(s.env)
	options.Interactive, options.Notify, options.Connected = true, s.desk.Tell, s.follow
	options.History = s.history.Lines
	var err error
	if s.session, err = repl.NewSession(options); err != nil {
		return err
	}
	defer s.session.Close()
	defer s.desk.Mute()
	if err := s.session.Begin(ctx); err != nil {
		return err
	}
	if err := readRC(ctx, s.env, s.session); err != nil {
		return nil // it quits
	}
	d := repl.Dialogue{
		Lines: s.desk, History: s.history,
		Prompt: s.prompt, Continued: func() string { return repl.ContinuedText(s.columns()) },
		Incomplete: repl.Incomplete,
		Private:    func(text string) bool { return s.session.Secret(ctx, text) },
		Run:        s.statement,
		Say:        s.desk.Tell,
	}
	if err := d.Talk(ctx); !errors.Is(err, repl.ErrQuit) {
		return err
	}
	return nil
}

// connectMoment is how long a session waits for its exchange, which is there at once in most cases:
// then the prompt need not say at first that it is away.
const connectMoment = 250 * time.Millisecond

// follow tells of the link of the session's connection when that changes, until there is another one.
func (s *sitting) follow(conn *service.Conn) {
	s.conn.Store(conn)
	moment, cancel := context.WithTimeout(context.Background(), connectMoment)
	defer cancel()
	known := conn.Ready(moment) == nil
	if !known {
		s.desk.Tell("no exchange yet; trying on")
	}
	conn.OnState(func(up bool, _ error) {
		switch {
		case up == known || s.conn.Load() != conn:
		case up:
			s.desk.Tell("the exchange is there")
		default:
			s.desk.Tell("the exchange is away; trying on")
		}
		known = up
	})
}

// lines is how this terminal is asked for lines: by liner where that can move the cursor.
func (s *sitting) lines(terminal *os.File) (lineReader, error) {
	out, ok := s.std.out.(*os.File)
	switch name := s.getenv("TERM"); {
	case !ok || !s.env.OutLook.Terminal:
		return newPlainLines(s.keys, s.env.Err), nil
	case name == "" || name == "dumb" || name == "cons25":
		return newPlainLines(s.keys, s.std.out), nil
	}
	return newEditor(terminal, out, s.keys, s.complete)
}

// historyFile is where the lines of sessions are kept. Who has no home has no such file.
func historyFile() string {
	_, err := os.UserHomeDir()
	if err != nil && os.Getenv("XDG_STATE_HOME") == "" || !filepath.IsAbs(xdg.StateHome) {
		return ""
	}
	return filepath.Join(xdg.StateHome, "netsvc", "history")
}

func (s *sitting) columns() int { return widthOf(s.std.out, s.getenv) }

func (s *sitting) prompt() string {
	at := s.session.Prompt()
	return repl.PromptText(at.Context, at.Use, at.Connected, s.columns(), s.env.OutLook.ASCII)
}

// statement runs a text. What fails in it is told already.
func (s *sitting) statement(ctx context.Context, text string) error {
	err := s.desk.Run(ctx, func(ctx context.Context) error { return s.session.Run(ctx, text, repl.Where{}) })
	if errors.Is(err, repl.ErrQuit) {
		return err
	}
	return nil
}

// complete finds what may stand at the cursor.
func (s *sitting) complete(ctx context.Context, line string, point int) repl.Completion {
	return s.session.Complete(ctx, line, point, s.columns())
}

// shell runs a line of the system's shell. One whose results are shown has the terminal itself, as an
// editor needs it, and Ctrl-C is between the two: it ends the statement, and the line if that wants
// to end: sh waits for what it runs and ends then.
func (s *sitting) shell(ctx context.Context, line command.ShellLine) error {
	if line.Out == s.env.Out {
		own, done := outliving(ctx)
		defer done()
		ctx = own
		line.Out, line.Text = s.std.out, "trap 'exit 130' INT\n"+line.Text
	}
	if line.In == s.env.In {
		line.In = s.std.in
	}
	if line.Err == s.env.Err {
		line.Err = s.std.err
	}
	return shell(ctx, line)
}

// outliving is a context that ends with another one, unless Ctrl-C has ended that.
func outliving(ctx context.Context) (own context.Context, done func()) {
	own, end := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if cause := context.Cause(ctx); !interrupted(cause) {
			end(cause)
		}
	})
	return own, func() { stop(); end(nil) }
}

// interrupted reports whether Ctrl-C is the cause.
func interrupted(cause error) bool {
	var by *command.Interrupted
	return errors.As(cause, &by) && by.Signal == syscall.SIGINT
}
