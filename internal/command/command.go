package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
)

// Section is a heading under which help lists commands.
type Section string

// The sections, in the order of help.
const (
	SectionRun   Section = "run"
	SectionLook  Section = "look"
	SectionUse   Section = "use"
	SectionWatch Section = "watch"
	SectionAdmin Section = "admin"
)

// Command is one row of the table.
type Command struct {
	Name    string
	Aliases []string
	Section Section
	Args    string // the form of the arguments, as in "SERVICE.METHOD [ARG...]"
	Summary string // one line
	Doc     string // more lines, or nothing
	Flags   []Flag // beside the global ones
	MinArgs int
	MaxArgs int  // -1 for any number
	Daemon  bool // runs until it is told to end, logs, and drains at the first signal

	// Run does it. It returns when ctx ends at the latest.
	Run func(ctx context.Context, env *Env) error
}

// called reports whether name is the command's or an alias.
func (c *Command) called(name string) bool { return c.Name == name || slices.Contains(c.Aliases, name) }

// form is the command with the form of its arguments, if it takes any.
func (c *Command) form() string { return strings.TrimSuffix("netsvc "+c.Name+" "+c.Args, " ") }

// checkArgs refuses the wrong number of arguments.
func (c *Command) checkArgs(args []string) error {
	switch {
	case len(args) < c.MinArgs:
		return usage(c.form(), "%s: an argument is missing", c.Name)
	case c.MaxArgs >= 0 && len(args) > c.MaxArgs:
		return usage(c.form(), "%s: one argument too many: %q", c.Name, args[c.MaxArgs])
	}
	return nil
}

// Table is a list of commands, in the order of help.
type Table []*Command

// Commands are those that look at and use what there is. They need an exchange and no process
// of their own, so they run at a prompt as well.
func Commands() Table {
	return Table{lsCommand(), describeCommand(), waitCommand(), callCommand(), subCommand(), pubCommand(), logsCommand(), versionCommand()}
}

// Find returns the command of that name or alias.
func (t Table) Find(name string) (*Command, error) {
	for _, c := range t {
		if c.called(name) {
			return c, nil
		}
	}
	err := usage("netsvc --help lists the commands", "unknown command %q", name)
	if near := value.Nearest(name, t.names()); near != "" {
		err.meant(near)
	}
	return nil, err
}

func (t Table) names() []string {
	var names []string
	for _, c := range t {
		names = append(names, c.Name)
		names = append(names, c.Aliases...)
	}
	return names
}

// usage makes the error of a command line that cannot be run. The hint may be empty.
func usage(hint, format string, args ...any) *Error {
	return &Error{Code: codeUsage, Exit: ExitUsage, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// Internal makes the error of something of ours or of the system that failed. The hint may be
// empty.
func Internal(hint string, err error) error {
	return &Error{Code: codeInternal, Exit: ExitInternal, Message: err.Error(), Hint: hint, cause: err}
}

// Usage makes the error of a command line that cannot be run, with a hint what to do instead.
func Usage(hint, format string, args ...any) error { return usage(hint, format, args...) }
