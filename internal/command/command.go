package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/pkg/wire"
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
	Name    string // of a command of another, both: "context add"
	Aliases []string
	Section Section
	Args    string // the form of the arguments, as in "SERVICE.METHOD [ARG...]"
	Summary string // one line
	Doc     string // more lines, or nothing
	Flags   []Flag // beside the global ones
	MinArgs int
	MaxArgs int  // -1 for any number
	Values  int  // the arguments from this number on are values, in the forms that people write; 0: none is
	Daemon  bool // runs until it is told to end, logs, and drains at the first signal
	Hidden  bool // for programs: it is in no help
	Lenient bool // runs although files or environment are wrong: Settings.Problems tells
	Typed   bool // its global flags are those of a line that is still typed: they, too, may be wrong

	// Formats are those that its results can have beside FormatAuto, in the order of help. A
	// command without any prints no results, and takes a JSON format for its errors.
	Formats []Format

	// Sub are the commands of this one; the first argument chooses. Where Run is not nil, that
	// takes what names none of them.
	Sub Table

	// Complete offers arguments at the cursor of a line that is being typed; nil knows none.
	Complete Completer

	// Run does it. It returns when ctx ends at the latest.
	Run func(ctx context.Context, env *Env) error
}

// Word is what names the command where it stands: the last word of its name.
func (c *Command) Word() string { return c.Name[strings.LastIndexByte(c.Name, ' ')+1:] }

// called reports whether word is the command's or an alias.
func (c *Command) called(word string) bool {
	return c.Word() == word || slices.Contains(c.Aliases, word)
}

// form is the command with the form of its arguments, if it takes any.
func (c *Command) form() string { return strings.TrimSuffix("netsvc "+c.Name+" "+c.Args, " ") }

// checkArgs refuses the wrong number of arguments.
func (c *Command) checkArgs(args []string) error {
	switch {
	case c.Run == nil:
		return usage(c.form(), "%s: which of %s?", c.Name, strings.Join(c.Sub.words(), ", "))
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
	return Table{
		lsCommand(), groupsCommand(), describeCommand(), sessionsCommand(), pingCommand(), statsCommand(), waitCommand(),
		callCommand(), runCommand(), subCommand(), pubCommand(), xmlrpcCommand(),
		eventsCommand(), logsCommand(), topCommand(),
		contextCommand(), configCommand(), doctorCommand(), completionCommand(), manCommand(), versionCommand(), helpCommand(),
		completeCommand(),
	}
}

// Of returns the commands under a heading.
func (t Table) Of(section Section) Table {
	return slices.DeleteFunc(slices.Clone(t), func(c *Command) bool { return c.Section != section })
}

// Find returns the command of that name or alias.
func (t Table) Find(name string) (*Command, error) {
	for _, c := range t {
		if c.called(name) {
			return c, nil
		}
	}
	err := usage("netsvc --help lists the commands", "unknown command %q", name)
	err.meantOneOf(t.words(), name)
	return nil, err
}

// findSub returns the command of c that word names, or nil where word may be an argument.
func (c *Command) findSub(word string) (*Command, error) {
	for _, sub := range c.Sub {
		if sub.called(word) {
			return sub, nil
		}
	}
	if c.Run != nil || c.Sub == nil {
		return nil, nil
	}
	err := usage(c.Name+" has "+strings.Join(c.Sub.words(), ", "), "unknown command \"%s %s\"", c.Name, word)
	err.meantOneOf(c.Sub.words(), word)
	return nil, err
}

// words are all by which a command of the table can be named.
func (t Table) words() []string {
	var words []string
	for _, c := range t {
		if !c.Hidden {
			words = append(append(words, c.Word()), c.Aliases...)
		}
	}
	return words
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

// Exited makes the error of a child that has ended with an exit code, which becomes the command's.
func Exited(exit int, format string, args ...any) error {
	return &Error{Code: codeInternal, Exit: exit, Message: fmt.Sprintf(format, args...), Ran: wire.Yes}
}

// Usage makes the error of a command line that cannot be run, with a hint what to do instead.
func Usage(hint, format string, args ...any) error { return usage(hint, format, args...) }
