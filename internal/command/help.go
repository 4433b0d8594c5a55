package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// sections are those of help, in order.
var sections = []Section{SectionRun, SectionLook, SectionUse, SectionWatch, SectionAdmin}

func helpCommand() *Command {
	return &Command{
		Name:     "help",
		Section:  SectionAdmin,
		Args:     "[TOPIC|COMMAND]",
		Summary:  "explain a command or a topic: " + strings.Join(topicNames(), ", "),
		Doc:      "Without an argument it shows what netsvc --help does.",
		MaxArgs:  2, // context add
		Complete: helpful,
		Lenient:  true,
		Run:      runHelp,
	}
}

// Help is what the program itself says about its commands.
func (t Table) Help() string {
	var p page
	p.wrap("netsvc runs, lists and calls networked services through an exchange.", 0, 0)
	p.WriteString("\nusage: netsvc COMMAND [ARG...] [FLAG...]\n")
	for _, section := range sections {
		p.table(string(section), usages(t.Of(section)))
	}
	p.table("flags of every command, anywhere before --", flagRows(GlobalFlags()))
	p.table("netsvc help TOPIC", topicRows())
	p.WriteByte('\n')
	p.wrap("A flag is stronger than the environment. netsvc COMMAND --help shows the flags of a command.", 0, 0)
	return p.String()
}

// Help is what there is to say about the command.
func (c *Command) Help() string {
	var p page
	p.wrap("netsvc "+c.Name+": "+c.Summary, 0, 0)
	p.WriteByte('\n')
	p.WriteString("usage: " + c.usage() + "\n")
	if len(c.Aliases) > 0 {
		p.WriteString("alias: " + strings.Join(c.Aliases, ", ") + "\n")
	}
	p.parts(paragraphs(c.Doc))
	p.table("commands", usages(c.Sub))
	p.flags(c.Flags)
	if c.Formats != nil {
		p.table("formats of its results, for -o", [][2]string{{strings.Join(words(c.formats()), ", "), ""}})
	}
	p.WriteString("\nnetsvc --help shows the flags of every command.\n")
	return p.String()
}

// usage is the form of a line with the command.
func (c *Command) usage() string {
	if c.Run == nil {
		return "netsvc " + c.shown() + " [ARG...] [FLAG...]"
	}
	return c.form() + " [FLAG...]"
}

// shown is the command in a list: with the form of its arguments, or with the commands it has.
func (c *Command) shown() string {
	if c.Run == nil {
		return c.Name + " " + strings.Join(c.Sub.words(), "|")
	}
	return strings.TrimPrefix(c.form(), "netsvc ")
}

// usages are the commands of a table, each with what it does.
func usages(table Table) [][2]string {
	var rows [][2]string
	for _, c := range table {
		if !c.Hidden {
			rows = append(rows, [2]string{c.shown(), c.Summary})
		}
	}
	return rows
}

// flags writes a table for each heading. Help ends a heading's flags where the next begins.
func (p *page) flags(flags []Flag) {
	heading := "flags"
	for len(flags) > 0 {
		next := 1 + slices.IndexFunc(flags[1:], func(f Flag) bool { return f.Heading != "" })
		if next == 0 {
			next = len(flags)
		}
		if flags[0].Heading != "" {
			heading = flags[0].Heading
		}
		p.table(heading, flagRows(flags[:next]))
		flags = flags[next:]
	}
}

func flagRows(flags []Flag) [][2]string {
	rows := make([][2]string, len(flags))
	for i := range flags {
		f := &flags[i]
		rows[i] = [2]string{f.form(), f.text()}
	}
	return rows
}

// form is the flag with the form of its value.
func (f *Flag) form() string {
	form := "    --" + f.Name
	if f.Short != "" {
		form = "-" + f.Short + ", --" + f.Name
	}
	if f.Kind != Switch {
		form += " " + f.Arg
	}
	return form
}

func (f *Flag) text() string {
	text := f.Summary
	if f.Kind == Texts {
		text += "; may be repeated"
	}
	if f.Default != "" {
		text += " (default " + f.Default + ")"
	}
	return text
}

func runHelp(_ context.Context, env *Env) error {
	text, err := env.Table.explain(env.Args)
	if err != nil {
		return err
	}
	return env.write([]byte(text))
}

// explain is the help about a topic or a command.
func (t Table) explain(words []string) (string, error) {
	if len(words) == 0 {
		return t.Help(), nil
	}
	if i := slices.Index(topicNames(), words[0]); i >= 0 && len(words) == 1 {
		return topics()[i].help(), nil
	}
	c, err := t.Find(words[0])
	if err == nil && len(words) > 1 {
		if c, err = c.findSub(words[1]); c == nil && err == nil {
			return "", usage("netsvc "+words[0]+" --help", "%s has no command %q", words[0], words[1])
		}
	}
	if err != nil {
		return "", t.noHelp(strings.Join(words, " "), err)
	}
	return c.Help(), nil
}

// noHelp is the error of a word that nothing is called. A command of a command that is not there
// has its own.
func (t Table) noHelp(words string, err error) error {
	if strings.Contains(words, " ") {
		return err
	}
	e := usage("netsvc help lists the commands and topics", "there is no help about %q", words)
	e.meantOneOf(slices.Concat(topicNames(), t.words()), words)
	return e
}

// helpful offers topics and commands.
func helpful(_ context.Context, q *Query) {
	if len(q.Args) == 1 {
		if c, err := q.Env.Table.Find(q.Args[0]); err == nil {
			c.Sub.names(q)
		}
		return
	}
	for _, t := range topics() {
		q.Add(t.name, t.summary)
	}
	q.Env.Table.names(q)
}

func (t *topic) help() string {
	var p page
	p.wrap(fmt.Sprintf("netsvc %s: %s", t.name, t.summary), 0, 0)
	p.parts(t.parts)
	return p.String()
}

// Explained are the subjects that help explains beside the commands.
func Explained() []string { return topicNames() }

func topicNames() []string {
	var names []string
	for _, t := range topics() {
		names = append(names, t.name)
	}
	return names
}

func topicRows() [][2]string {
	var rows [][2]string
	for _, t := range topics() {
		rows = append(rows, [2]string{t.name, t.summary})
	}
	return rows
}
