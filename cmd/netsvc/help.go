package main

import (
	"fmt"
	"strings"

	"github.com/netsvc/netsvc/internal/command"
)

// programHelp is what netsvc --help shows.
func programHelp(table command.Table) string {
	var b strings.Builder
	b.WriteString("netsvc runs, lists and calls networked services through an exchange.\n\n")
	b.WriteString("usage: netsvc COMMAND [ARG...] [FLAG...]\n")
	for _, section := range []command.Section{command.SectionRun, command.SectionLook, command.SectionUse, command.SectionWatch, command.SectionAdmin} {
		writeRows(&b, string(section), usages(table.Of(section)))
	}
	writeFlags(&b, "flags of every command, anywhere before --", command.GlobalFlags())
	b.WriteString("\nA flag is stronger than the environment: NETSVC_EXCHANGE, NETSVC_TIMEOUT,\n" +
		"NETSVC_OUTPUT, NETSVC_LOG (debug, info, warn, error), NO_COLOR, CLICOLOR_FORCE.\n" +
		"netsvc COMMAND --help shows the flags of a command.\n")
	return b.String()
}

// commandHelp is what netsvc COMMAND --help shows.
func commandHelp(c *command.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "netsvc %s: %s\n\n", c.Name, c.Summary)
	fmt.Fprintf(&b, "usage: netsvc %s [FLAG...]\n", usageOf(c))
	if len(c.Aliases) > 0 {
		fmt.Fprintf(&b, "alias: %s\n", strings.Join(c.Aliases, ", "))
	}
	if c.Doc != "" {
		fmt.Fprintf(&b, "\n%s\n", c.Doc)
	}
	writeRows(&b, "commands", usages(c.Sub))
	writeFlags(&b, "flags", c.Flags)
	b.WriteString("\nnetsvc --help shows the flags of every command.\n")
	return b.String()
}

// usages are the commands of a table, each with what it does.
func usages(table command.Table) [][2]string {
	var rows [][2]string
	for _, c := range table {
		if !c.Hidden {
			rows = append(rows, [2]string{usageOf(c), c.Summary})
		}
	}
	return rows
}

func usageOf(c *command.Command) string { return strings.TrimSuffix(c.Name+" "+c.Args, " ") }

func writeFlags(b *strings.Builder, heading string, flags []command.Flag) {
	rows := make([][2]string, len(flags))
	for i, f := range flags {
		rows[i] = [2]string{flagUsage(f), flagText(f)}
	}
	writeRows(b, heading, rows)
}

func flagUsage(f command.Flag) string {
	usage := "    --" + f.Name
	if f.Short != "" {
		usage = "-" + f.Short + ", --" + f.Name
	}
	if f.Kind != command.Switch {
		usage += " " + f.Arg
	}
	return usage
}

func flagText(f command.Flag) string {
	text := f.Summary
	if f.Kind == command.Texts {
		text += "; may be repeated"
	}
	if f.Default != "" {
		text += " (default " + f.Default + ")"
	}
	return text
}

// writeRows writes two columns under a heading, or nothing when there are no rows.
func writeRows(b *strings.Builder, heading string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	width := 0
	for _, row := range rows {
		width = max(width, len(row[0]))
	}
	fmt.Fprintf(b, "\n%s\n", heading)
	for _, row := range rows {
		fmt.Fprintf(b, "  %-*s  %s\n", width, row[0], row[1])
	}
}
