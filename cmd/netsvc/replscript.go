package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/repl"
)

// replFlags are the flags of repl.
func replFlags() []command.Flag {
	return []command.Flag{
		{Name: "script", Short: "c", Kind: command.Text, Arg: "SCRIPT", Summary: "run this text, and end"},
		{Name: "file", Short: "f", Kind: command.Text, Arg: "FILE", Summary: "run this file, or stdin for -, and end", Complete: command.AnyFile},
		{Name: "keep-going", Short: "k", Kind: command.Switch, Summary: "go on behind what fails; the exit code is that of the first failure"},
		{Name: "norc", Kind: command.Switch, Summary: "do not read the file replrc first"},
	}
}

// sessionOptions are those of every session.
func sessionOptions(env *command.Env) repl.Options {
	return repl.Options{
		Env: *env, Flags: env.Flags, GoOn: env.Flags.Bool("keep-going"),
		Logger: func(one *command.Env) *slog.Logger { return newLogger(one, false) },
		Dial: func(ctx context.Context, settings command.Settings, patient bool) (*service.Conn, error) {
			return command.Dial(ctx, settings, patient, env.Log)
		},
	}
}

// readRC runs the user's file for the beginning of sessions.
func readRC(ctx context.Context, env *command.Env, s *repl.Session) error {
	if env.Flags.Bool("norc") || env.Folder == (command.Env{}).Folder {
		return nil
	}
	return s.RunFile(ctx, filepath.Join(filepath.Dir(env.Folder.Config()), "replrc"))
}

// scripted reports whether a session runs a script that its flags name.
func scripted(flags command.Flags) bool { return flags.IsSet("script") || flags.IsSet("file") }

// runScript runs the script of a session: of its flags, or else stdin.
func (p *program) runScript(ctx context.Context, env *command.Env) error {
	text, name, done, err := p.script(env)
	if err != nil {
		return err
	}
	defer done()
	s, err := repl.NewSession(sessionOptions(env))
	if err != nil {
		return err
	}
	defer s.Close()
	if err := readRC(ctx, env, s); err != nil {
		return nil // it quits
	}
	return s.RunScript(ctx, text, name)
}

// script opens the script. From one on stdin nothing else can be read there.
func (p *program) script(env *command.Env) (text io.Reader, name string, done func(), err error) {
	done = func() {}
	switch {
	case env.Flags.IsSet("script") && env.Flags.IsSet("file"):
		return nil, "", done, command.Usage("", "repl: -c and -f do not go together")
	case env.Flags.IsSet("script"):
		return strings.NewReader(env.Flags.String("script")), "-c", done, nil
	case env.Flags.IsSet("file") && env.Flags.String("file") != "-":
		name = env.Flags.String("file")
		file, err := os.Open(name)
		if err != nil {
			return nil, "", done, command.Usage("", "repl: cannot read the script: %v", err)
		}
		return file, name, func() { file.Close() }, nil
	}
	in := env.In
	env.In, env.Shell = taken{}, shellBeside
	return in, "stdin", done, nil
}

// taken stands for a stdin that somebody else reads.
type taken struct{}

// shellBeside runs a line of the shell that must not read the script: it finds nothing on stdin.
func shellBeside(ctx context.Context, line command.ShellLine) error {
	if _, ok := line.In.(taken); ok {
		line.In = nil
	}
	return shell(ctx, line)
}

// Read refuses to.
func (taken) Read([]byte) (int, error) {
	return 0, command.Usage("netsvc repl -f FILE leaves stdin to it", "stdin is the script: this would read it")
}
