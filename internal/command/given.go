package command

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// givenFlags are flags as words, each "--name=value" with a value that was checked. The last one of
// a name counts.
type givenFlags []string

// Given are the flags of a line that Split has sorted: the global ones and those of its command.
func (l *Line) Given() Flags { return givenFlags(slices.Concat(l.Globals, l.Flags)) }

// Over returns flags that are those of strong, and for what was not given there those of weak.
func Over(strong, weak Flags) Flags { return overFlags{strong, weak} }

// overFlags are flags on top of others.
type overFlags struct{ strong, weak Flags }

func (f overFlags) of(name string) Flags {
	if f.strong.IsSet(name) {
		return f.strong
	}
	return f.weak
}

func (f overFlags) IsSet(name string) bool             { return f.of(name).IsSet(name) }
func (f overFlags) Bool(name string) bool              { return f.of(name).Bool(name) }
func (f overFlags) String(name string) string          { return f.of(name).String(name) }
func (f overFlags) StringSlice(name string) []string   { return f.of(name).StringSlice(name) }
func (f overFlags) Duration(name string) time.Duration { return f.of(name).Duration(name) }
func (f overFlags) Int(name string) int                { return f.of(name).Int(name) }

// IsFlag reports whether a word of a sorted line is the flag of that name.
func IsFlag(word, name string) bool { return strings.HasPrefix(word, "--"+name+"=") }

// StringSlice is a Texts.
func (g givenFlags) StringSlice(name string) []string {
	var values []string
	for _, word := range g {
		if value, ok := strings.CutPrefix(word, "--"+name+"="); ok {
			values = append(values, value)
		}
	}
	return values
}

// IsSet reports whether the flag was given.
func (g givenFlags) IsSet(name string) bool { return len(g.StringSlice(name)) > 0 }

// String is a Text.
func (g givenFlags) String(name string) string {
	values := g.StringSlice(name)
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// Bool is a Switch.
func (g givenFlags) Bool(name string) bool {
	on, _ := strconv.ParseBool(g.String(name))
	return on
}

// Duration is a Duration.
func (g givenFlags) Duration(name string) time.Duration {
	d, _ := time.ParseDuration(g.String(name))
	return d
}

// Int is a Count or a Size.
func (g givenFlags) Int(name string) int {
	n, _ := strconv.Atoi(g.String(name))
	return n
}
