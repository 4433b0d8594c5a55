package repl

import (
	"encoding/json"
	"strings"
)

// part is what a place in a line belongs to.
type part uint8

const (
	partStatement part = 0 // words of a statement
	partFile      part = 1 // behind > and >>: the name of a file
	partForeign   part = 2 // jq, a line of sh, a comment: not ours to complete
)

// cursor is the place in a line where somebody types: the words of the statement there. The line may
// be wrong, and its end not typed yet.
type cursor struct {
	part   part
	before []string // whole words of the statement before the one at the cursor, without quotes
	word   string   // that one, up to the cursor, without quotes
	start  int      // the byte at which it begins
	quote  byte     // that is open at the cursor, or zero
	after  []string // whole words of the statement behind it
}

// cursorAt reads a line with a cursor before the byte point.
func cursorAt(line string, point int) cursor {
	point = min(max(point, 0), len(line))
	s := wordScanner{text: line[:point]}
	for s.at < point {
		s.next()
	}
	c := cursor{part: s.part, before: s.words, word: s.word.String(), start: point, quote: s.quote}
	if s.open {
		c.start = s.start
	}
	if s.quote == 0 && s.depth == 0 && s.part == partStatement {
		rest := wordScanner{text: line[point:], open: true, inner: true}
		for rest.at < len(rest.text) && !rest.ended {
			rest.next()
		}
		c.after = rest.behind()
	}
	return c
}

// behind are the words behind the one whose rest was read first, as far as they belong to the same
// statement.
func (s *wordScanner) behind() []string {
	s.end()
	words := s.words
	if len(s.outer) > 0 {
		words = s.outer[0].words
	}
	return words[min(1, len(words)):]
}

// wordScanner reads a line as far as words and operators go.
type wordScanner struct {
	text  string
	at    int
	part  part
	words []string // of the present statement
	word  strings.Builder
	start int    // of the present word
	open  bool   // there is one, though it may be empty
	quote byte   // that is open at the end of the text, or zero
	depth int    // of brackets
	outer []held // statements around the present one, by $(
	inner bool   // it reads what is behind a cursor: the end of the statement is the end
	ended bool
}

// held is a statement in whose midst another one stands.
type held struct {
	words []string
	word  string
	start int
	depth int
}

func (s *wordScanner) next() {
	rest := s.text[s.at:]
	switch b := rest[0]; {
	case s.part == partForeign && s.inShell(b), s.comment(b):
		s.at++
	case b == '\'' || b == '"':
		s.string(b)
	case strings.HasPrefix(rest, "$("):
		s.descend()
	case b == ')' && s.depth == 0 && len(s.outer) > 0:
		s.ascend()
	case b == ')' && s.depth == 0 && s.inner:
		s.ended = true
	case strings.IndexByte("([{", b) >= 0:
		s.depth++
		s.add(rest[:1])
	case strings.IndexByte(")]}", b) >= 0:
		s.depth = max(0, s.depth-1)
		s.add(rest[:1])
	case s.depth > 0:
		s.add(rest[:1])
	case b == ' ' || b == '\t' || b == '\n':
		s.end()
		s.at++
	case s.operator(rest):
	default:
		s.add(rest[:1])
	}
}

// inShell reports whether a byte belongs to a line of sh, which ends with a semicolon.
func (s *wordScanner) inShell(b byte) bool {
	if b == ';' {
		s.part = partStatement
	}
	return b != ';'
}

// comment makes the rest of a line foreign where a comment begins.
func (s *wordScanner) comment(b byte) bool {
	if b != '#' || s.open || s.depth > 0 || s.part == partForeign {
		return false
	}
	s.part, s.at = partForeign, len(s.text)-1
	s.ended = true
	return true
}

// operator takes what divides statements, if it stands there.
func (s *wordScanner) operator(rest string) bool {
	blank := !s.open
	switch {
	case rest[0] == ';':
		s.begin(partStatement, 1)
	case strings.HasPrefix(rest, "|>"):
		s.begin(partForeign, 2)
	case rest[0] == '|', rest[0] == '!' && blank && len(s.words) == 0:
		s.begin(partForeign, 1)
	case blank && strings.HasPrefix(rest, ">>"):
		s.begin(partFile, 2)
	case blank && rest[0] == '>':
		s.begin(partFile, 1)
	case blank && rest[0] == '&':
		s.begin(partStatement, 1)
	default:
		return false
	}
	return true
}

// begin begins another part behind an operator.
func (s *wordScanner) begin(p part, length int) {
	s.end()
	s.at += length
	if s.inner {
		s.ended = true
		return
	}
	s.words, s.part = nil, p
}

// descend begins a statement inside of the present one.
func (s *wordScanner) descend() {
	s.mark()
	s.outer = append(s.outer, held{s.words, s.word.String() + "$(", s.start, s.depth})
	s.words, s.open, s.depth = nil, false, 0
	s.word.Reset()
	s.at += 2
}

// ascend goes back to the statement around the present one. What that makes of it is not known.
func (s *wordScanner) ascend() {
	h := s.outer[len(s.outer)-1]
	s.outer = s.outer[:len(s.outer)-1]
	s.words, s.start, s.depth, s.open = h.words, h.start, h.depth, true
	s.word.Reset()
	s.word.WriteString(h.word + ")")
	s.at++
}

// string takes a string, whose end may be missing. In brackets it stays as it is written.
func (s *wordScanner) string(quote byte) {
	s.mark()
	end := s.at + 1
	for end < len(s.text) && s.text[end] != quote {
		if quote == '"' && s.text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s.text) {
		s.quote, end = quote, len(s.text)
	}
	inside := s.text[s.at+1 : end]
	end = min(end+1, len(s.text))
	switch {
	case s.depth > 0:
		inside = s.text[s.at:end]
	case quote == '"':
		inside = unescaped(inside)
	}
	s.word.WriteString(inside)
	s.at = end
}

// unescaped is the text of a JSON string, as it is written where that is no JSON.
func unescaped(inside string) string {
	var text string
	if err := json.Unmarshal([]byte(`"`+inside+`"`), &text); err != nil {
		return inside
	}
	return text
}

// add adds to the present word.
func (s *wordScanner) add(text string) {
	s.mark()
	s.word.WriteString(text)
	s.at += len(text)
}

// mark begins a word unless one is open.
func (s *wordScanner) mark() {
	if !s.open {
		s.open, s.start = true, s.at
	}
}

// end ends the open word, if there is one.
func (s *wordScanner) end() {
	if s.open {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.open = false
}
