package completion

import (
	"strings"
	"unicode/utf8"
)

// Line is a command line that is being typed, in words.
type Line struct {
	Before []string // whole words before the one at the cursor, without their quotes
	Word   string   // the one at the cursor, up to there, without quotes; may be empty
	Start  int      // the byte of the line at which that word begins
	Raw    string   // the same part of the word as it was typed
	After  []string // whole words behind it
}

// Split cuts a line into words at blanks that are not quoted, as a POSIX shell does, and finds the
// one at the cursor, which is before the byte point. A point outside the line, or inside a
// character, is moved to the nearest place before it. Quotes may be open. Nothing is expanded.
func Split(line string, point int) Line {
	point = place(line, point)
	var s scanner
	for i := range point {
		s.take(i, line[i])
	}
	s.begin(point)
	at := Line{Before: s.words, Word: string(s.word), Start: s.start, Raw: line[s.start:point]}
	for i := point; i < len(line); i++ {
		s.take(i, line[i])
	}
	s.end()
	at.After = s.words[len(at.Before)+1:]
	at.Before = at.Before[:len(at.Before):len(at.Before)]
	return at
}

// place is where a cursor can be.
func place(line string, point int) int {
	point = min(max(point, 0), len(line))
	for point > 0 && point < len(line) && !utf8.RuneStart(line[point]) {
		point--
	}
	return point
}

// scanner reads a line byte by byte. All that has a meaning for it is ASCII.
type scanner struct {
	words   []string // those that have ended
	word    []byte   // the present one, without quotes
	start   int      // where it begins
	open    bool     // there is one, though it may be empty
	quote   byte     // that is open, or zero
	escaped bool     // the byte before was a backslash with a meaning
}

func (s *scanner) take(at int, b byte) {
	switch {
	case s.escaped:
		s.escape(b)
	case b == '\\' && s.quote != '\'':
		s.begin(at)
		s.escaped = true
	case s.quote != 0 && b == s.quote:
		s.quote = 0
	case s.quote != 0:
		s.word = append(s.word, b)
	case b == '\'' || b == '"':
		s.begin(at)
		s.quote = b
	case b == ' ' || b == '\t' || b == '\n':
		s.end()
	default:
		s.begin(at)
		s.word = append(s.word, b)
	}
}

// escape takes the byte behind a backslash. Between double quotes most keep the backslash, and
// an escaped end of line is none.
func (s *scanner) escape(b byte) {
	s.escaped = false
	if s.quote == '"' && !strings.ContainsRune("\"\\$`\n", rune(b)) {
		s.word = append(s.word, '\\')
	}
	if b != '\n' {
		s.word = append(s.word, b)
	}
}

// begin begins a word unless one is open.
func (s *scanner) begin(at int) {
	if !s.open {
		s.open, s.start = true, at
	}
}

// end ends the open word, if there is one.
func (s *scanner) end() {
	if s.open {
		s.words = append(s.words, string(s.word))
	}
	s.word, s.open = s.word[:0], false
}
