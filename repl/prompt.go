package repl

import (
	"strings"
	"unicode"

	"github.com/netsvc/netsvc/internal/render"
)

// The prompts where there is little room, and for the further lines of a statement.
const (
	shortPrompt    = "> "
	longContinued  = "   ...> "
	shortContinued = "..> "
)

// narrow is how many columns a terminal must have to show where the session is at.
const narrow = 40

// PromptText is the prompt on a terminal with so many columns, zero when nobody knows: the context,
// the service in use, and a mark while the exchange is away. It holds nothing that a terminal could
// do anything with but show it.
func PromptText(context, use string, connected bool, columns int, ascii bool) string {
	at := context
	if use != "" {
		at += ":" + use
	}
	if !connected {
		at += " " + awayMark(ascii)
	}
	text := "netsvc(" + plain(at) + ")> "
	if columns > 0 && (columns < narrow || render.Columns(text) > columns/2) {
		return shortPrompt
	}
	return text
}

// ContinuedText is the prompt for the further lines of a statement.
func ContinuedText(columns int) string {
	if columns > 0 && columns < narrow {
		return shortContinued
	}
	return longContinued
}

func awayMark(ascii bool) string {
	if ascii {
		return "x"
	}
	return "✗"
}

// plain is text without any character that has no picture: who edits lines takes no prompt with one.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.C, r) || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, render.Clean(text))
}
