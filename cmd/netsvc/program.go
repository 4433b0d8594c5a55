package main

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
)

// commands is the whole table, in the order of help.
func (p *program) commands() command.Table {
	run := command.Table{exchangeCommand(), hostCommand(), gatewayCommand(), demoCommand()}
	return append(append(run, command.Commands()...), p.replCommand())
}

// run runs one command line and returns the exit code.
func run(args []string, std streams, getenv func(string) string, folder config.Folder) int {
	p := &program{std: std, getenv: getenv, folder: folder}
	return p.run(args[1:])
}

// program is one run of netsvc.
type program struct {
	std    streams
	getenv func(string) string
	folder config.Folder // of the user's settings
	output string        // the format that settings ask for, once there are any
	errors io.Writer     // where errors go, once a command has begun; nil for std.err
}

func (p *program) run(words []string) int {
	table := p.commands()
	line, err := table.Split(words)
	if err == nil {
		err = p.start(table, table.Completing(line))
	}
	if err == nil {
		return command.ExitOK
	}
	// The context tells nothing here: what a signal ended was explained with its own.
	e := command.Explain(context.Background(), err)
	p.report(e, line.Globals)
	return e.Exit
}

// start shows help, or runs the command of a sorted line.
func (p *program) start(table command.Table, line command.Line) error {
	if line.Help {
		return p.help(table, line.Command)
	}
	if line.Version {
		line = command.Line{Command: versionOf(table), Globals: line.Globals}
	}
	if line.Command == nil {
		return command.Usage("netsvc --help lists them, netsvc demo shows them at work", "no command given")
	}
	flags, err := readFlags(line)
	if err != nil {
		return err
	}
	return p.execute(line.Command, flags)
}

// help shows that of a command, or of the program.
func (p *program) help(table command.Table, c *command.Command) error {
	text := table.Help()
	if c != nil {
		text = c.Help()
	}
	if _, err := io.WriteString(p.std.out, text); err != nil {
		return command.Unwritten(err)
	}
	return nil
}

func versionOf(table command.Table) *command.Command {
	c, _ := table.Find("version")
	return c
}

// execute runs a command with the flags that were read for it.
func (p *program) execute(c *command.Command, flags *cli.Context) error {
	settings, err := c.Resolve(flags, p.getenv, p.folder)
	p.output = settings.Of("output").Value
	if err != nil {
		return err
	}
	env := &command.Env{
		Table: p.commands(), Args: flags.Args().Slice(), Flags: flags, Settings: settings, Folder: p.folder,
		Getenv: p.getenv, Descriptors: descriptors(),
		In: p.std.in, Out: p.std.out, Err: p.std.err,
		OutLook: p.lookOf(p.std.out, settings.Color),
		ErrLook: p.lookOf(p.std.err, settings.Color),
	}
	// With --once a daemon is none: it ends by itself, and with those who read its results.
	daemon := c.Daemon && !flags.Bool("once")
	if env.ErrLook.Terminal && !settings.Quiet && !c.Daemon {
		p.progress(env)
	}
	screens := p.screens(env)
	defer screens.left()
	env.Log = newLogger(env, c.Daemon)
	env.Shell = shell
	own := commandManners
	switch {
	case daemon:
		own = daemonManners
	case p.talks(c, flags):
		own = sessionManners
		defer p.giveBack()()
	}
	return supervise(own, func(ctx context.Context) error {
		conn := connection{hurried: c.Typed}
		defer conn.close()
		env.Connect = func(ctx context.Context, patient bool) (*service.Conn, error) {
			return conn.open(ctx, settings, patient, env.Log)
		}
		return c.Execute(ctx, env)
	})
}

// progress lets people see what a command waits for. Whatever else goes to their terminal from
// here on takes care of that.
func (p *program) progress(env *command.Env) {
	env.Progress = command.NewProgress(p.std.err, env.ErrLook)
	env.Err = env.Progress.Guard(p.std.err)
	if env.OutLook.Terminal {
		env.Out = env.Progress.Guard(p.std.out)
	}
	if isTerminal(p.std.in) {
		env.In = env.Progress.Ask(p.std.in)
	}
	p.errors = env.Err
}

// report writes the error line, in the format that the command line asked for as far as it
// could be read.
func (p *program) report(e *command.Error, globals []string) {
	look, out := p.lookOf(p.std.err, render.ColorNever), p.std.err
	if p.errors != nil {
		out = p.errors
	}
	out.Write(e.Append(nil, p.format(globals), look, slices.Contains(globals, "--verbose=true")))
}

// format is the output format of the settings. Without any, which an error may have prevented, it
// looks for that itself.
func (p *program) format(globals []string) command.Format {
	if p.output != "" {
		return command.Format(p.output)
	}
	format := p.getenv("NETSVC_OUTPUT")
	for _, flag := range globals {
		if text, ok := strings.CutPrefix(flag, "--output="); ok {
			format = text
		}
	}
	return command.Format(format)
}
