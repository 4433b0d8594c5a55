package repl

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/internal/completion"
)

// inserted are candidates as they stand in a line: each a word that means its text, in the quotes
// that are open at the cursor, or in some where a character means more than itself. When one needs
// quotes all have them, so that they still begin alike. A single one that is whole has a blank
// behind it.
func inserted(list []completion.Candidate, quote byte) []string {
	needy := func(c completion.Candidate) bool { return needsQuotes(c.Text) }
	if quote == 0 && slices.ContainsFunc(list, needy) {
		quote = '\''
	}
	var words []string
	for _, c := range list {
		word := c.Text
		if quote != 0 {
			word = quotedFor(word, quote, c.Open)
		}
		if len(list) == 1 && !c.Open {
			word += " "
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// needsQuotes reports whether a word would not mean its text without quotes.
func needsQuotes(text string) bool { return strings.ContainsAny(text, " \t;|&<>()[]{}'\"#!`\\$") }

// quotedFor quotes a text. The name of an argument stands before the quotes, and what is open gets no
// closing one.
func quotedFor(text string, quote byte, open bool) string {
	sign, form := formOf(text)
	word := "'" + form + "'"
	if quote == '"' || strings.Contains(form, "'") {
		doc, _ := json.Marshal(form) // a text is always a document
		word = string(doc)
	}
	if open {
		word = word[:len(word)-1]
	}
	return sign + word
}
