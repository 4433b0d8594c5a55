package render

import "strings"

// Look is what an output can show. The zero value is a pipe: verbatim, without colours, and as
// wide as any line.
type Look struct {
	Terminal bool // a person looks at it: make it readable, and text from outside safe
	Color    bool // escape sequences for colours are understood
	ASCII    bool // what we add ourselves must be ASCII
	Width    int  // columns that a row of a table may take; zero is no bound
}

// Choice is what somebody wants of colours.
type Choice string

// The values of --color.
const (
	ColorAuto   Choice = "auto"
	ColorAlways Choice = "always"
	ColorNever  Choice = "never"
)

// LookOf finds the look of an output from what it is, what was asked for, and the environment:
// NO_COLOR and TERM=dumb forbid colours, CLICOLOR_FORCE wants them in a pipe too, and an
// explicit choice is stronger than all of them. What is not ASCII wants a locale of UTF-8. Its
// width is for the caller to set.
func LookOf(terminal bool, choice Choice, getenv func(string) string) Look {
	l := Look{Terminal: terminal, ASCII: !speaksUTF8(getenv)}
	switch choice {
	case ColorAlways:
		l.Color = true
	case ColorAuto:
		l.Color = colorsByEnvironment(terminal, getenv)
	case ColorNever:
	}
	return l
}

func colorsByEnvironment(terminal bool, getenv func(string) string) bool {
	force := getenv("CLICOLOR_FORCE")
	switch {
	case getenv("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	}
	return terminal && getenv("TERM") != "dumb"
}

// speaksUTF8 reports whether the locale, as POSIX finds it, has all characters.
func speaksUTF8(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := getenv(name); locale != "" {
			locale = strings.ToLower(locale) // de_DE.UTF-8, C.utf8, or UTF-8 alone
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return false
}

// Text is text from outside as the output may have it: verbatim in a pipe, cleaned and on one
// line on a terminal.
func (l Look) Text(text string) string {
	if l.Terminal {
		return Clean(text)
	}
	return text
}

// paint is how a kind of text stands out: the number of a colour or weight (ECMA-48, SGR).
type paint string

const (
	plain  paint = ""
	bold   paint = "1"
	faint  paint = "2"
	red    paint = "31"
	green  paint = "32"
	yellow paint = "33"
	purple paint = "35"
	cyan   paint = "36"
)

// appendPainted appends text, which must be clean, in a colour if the output has any.
func (l Look) appendPainted(dst []byte, p paint, text string) []byte {
	if !l.Color || p == plain || text == "" {
		return append(dst, text...)
	}
	dst = append(dst, "\x1b["...)
	dst = append(dst, p...)
	dst = append(dst, 'm')
	dst = append(dst, text...)
	return append(dst, "\x1b[0m"...)
}
