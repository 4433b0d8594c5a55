package main

import (
	"fmt"
	"strings"
)

// lossTable is the table of docs/xmlrpc-clients.md, made from what the suite goes by.
func (s *suite) lossTable() string {
	var b strings.Builder
	b.WriteString("| client | case | what comes of it | why |\n|---|---|---|---|\n")
	for _, l := range s.Losses {
		ways := strings.Join(l.Ways, ", ")
		if ways == "http" {
			ways = "all"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", ways, strings.Join(l.Cases, ", "), l.outcome(), l.Why)
	}
	return b.String()
}

// outcome is what comes of a call, for people.
func (l *loss) outcome() string {
	if outcome(l.Got).isError() {
		return "an error of the client"
	}
	if code, is := l.Got["fault"]; is {
		return fmt.Sprintf("fault %v", code)
	}
	text := form(l.Got).String()
	if told, is := l.Got["str"].(string); is && strings.HasPrefix(l.Cases[0], "send ") {
		text = told
	}
	return "`" + strings.ReplaceAll(text, "|", `\|`) + "`"
}
