package command

import (
	"context"
	"strings"
)

func manCommand() *Command {
	return &Command{
		Name:    "man",
		Section: SectionAdmin,
		Summary: "print the manual page, in roff, for section 1",
		Doc:     "To read it: netsvc man | man -l -",
		Lenient: true,
		Run:     runMan,
	}
}

func runMan(_ context.Context, env *Env) error { return env.write([]byte(env.Table.manual())) }

// manual is the manual page of the program.
func (t Table) manual() string {
	var r roff
	r.request("TH", "NETSVC", "1", "", "netsvc "+Version(), "User Commands")
	r.WriteString(".nh\n.ad l\n") // words that are typed stay whole
	r.section("NAME")
	r.text("netsvc - run, list and call networked services through an exchange")
	r.section("SYNOPSIS")
	r.entry("netsvc COMMAND [ARG...] [FLAG...]", "")
	r.section("DESCRIPTION")
	r.parts(paragraphs(manDescription))
	r.section("COMMANDS")
	for _, section := range sections {
		for _, c := range t.Of(section) {
			r.command(c)
		}
	}
	r.section("GLOBAL FLAGS")
	r.text("They may stand anywhere before --.")
	r.flags(GlobalFlags())
	for _, s := range []struct {
		heading string
		parts   []part
	}{
		{"VALUES", valuesTopic().parts}, {"OUTPUT", outputTopic().parts}, {"EXIT STATUS", exitTopic().parts},
		{"ENVIRONMENT", environment()}, {"FILES", []part{{rows: files}}}, {"EXAMPLES", cheatTopic().parts},
	} {
		r.section(s.heading)
		r.parts(s.parts)
	}
	r.section("SEE ALSO")
	r.text("netsvc COMMAND --help has the same about one command, netsvc help TOPIC about one topic.")
	return r.String()
}

const manDescription = `Programs that keep one connection to an exchange announce services on it, call the methods of
the services of others, and publish reports. An exchange is started by netsvc exchange; netsvc demo runs
an exchange, some services and a gateway in one process, to try out.

A service is named by its name, math, or one instance of it by its address, math@3. The first dot parts
it from the method: math.multiply.`

// command writes what there is to say about a command and those of it.
func (r *roff) command(c *Command) {
	if c.Hidden {
		return
	}
	r.request("SS", c.shown())
	summary := c.Summary + "."
	if len(c.Aliases) > 0 {
		summary += " It is also called " + strings.Join(c.Aliases, ", ") + "."
	}
	r.text(strings.ToUpper(summary[:1]) + summary[1:])
	r.parts(paragraphs(c.Doc))
	r.flags(c.Flags)
	for _, sub := range c.Sub {
		r.command(sub)
	}
}

func (r *roff) flags(flags []Flag) {
	for _, row := range flagRows(flags) {
		r.entry(strings.TrimSpace(row[0]), row[1])
	}
}
