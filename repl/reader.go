package repl

import (
	"encoding/json"
	"strings"

	"github.com/netsvc/netsvc/internal/command"
)

// reader reads a text of the language from left to right. It never goes back.
type reader struct {
	text string
	pos  int
	deep int // items inside items
	subs int // of these, how many are in $(...)
}

// maxDeep bounds items inside items.
const maxDeep = 64

// unfinished is the error of a text that goes on in the next line.
type unfinished struct{ what string }

func (u *unfinished) Error() string { return u.what }

// Incomplete reports whether a text wants another line: a quote, a bracket or an operator has no
// end yet.
func Incomplete(text string) bool {
	_, err := parse(text)
	_, open := err.(*unfinished)
	return open
}

func (r *reader) done() bool { return r.pos >= len(r.text) }

// at reports whether the rest begins so.
func (r *reader) at(begin string) bool { return strings.HasPrefix(r.text[r.pos:], begin) }

// take skips a text if the rest begins with it.
func (r *reader) take(begin string) bool {
	if !r.at(begin) {
		return false
	}
	r.pos += len(begin)
	return true
}

// afterBlank reports whether the place is behind a blank or where a line starts.
func (r *reader) afterBlank() bool {
	return r.pos == 0 || isBlank(r.text[r.pos-1]) || r.text[r.pos-1] == '\n'
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' }

// skipBlanks skips blanks and a comment, up to the end of the line.
func (r *reader) skipBlanks() {
	for !r.done() && isBlank(r.text[r.pos]) {
		r.pos++
	}
	if r.at("#") && (r.afterBlank() || r.text[r.pos-1] == ';') {
		r.pos = r.lineEnd()
	}
}

// lineEnd is where the line ends.
func (r *reader) lineEnd() int {
	if i := strings.IndexByte(r.text[r.pos:], '\n'); i >= 0 {
		return r.pos + i
	}
	return len(r.text)
}

// skipGap skips blanks, comments and ends of lines, behind an operator.
func (r *reader) skipGap() {
	for r.skipBlanks(); r.take("\n"); r.skipBlanks() {
	}
}

// skipEnds skips what divides items.
func (r *reader) skipEnds() {
	for {
		r.skipBlanks()
		if !r.take(";") && !r.take("\n") {
			return
		}
	}
}

// endsItem reports whether no more of the item comes.
func (r *reader) endsItem() bool {
	return r.done() || r.at(";") || r.at("\n") || r.subs > 0 && r.at(")")
}

// endsWord reports whether no more of the word comes.
func (r *reader) endsWord() bool { return r.endsItem() || isBlank(r.text[r.pos]) || r.at("|") }

// atOperator reports whether an operator stands at the place, which is behind a blank or a word.
func (r *reader) atOperator() bool {
	return r.at("|") || r.afterBlank() && (r.at(">") || r.at("&"))
}

// missing is the error of a text that ends, or of an item that ends, before something came.
func (r *reader) missing(what string) error {
	if r.skipGap(); r.done() {
		return &unfinished{what + " is missing"}
	}
	return wrong("", "%s is missing", what)
}

// orMissing is the error of a part that is not there.
func orMissing(there bool, what, behind string) error {
	if there {
		return nil
	}
	return wrong("", "%s is missing behind %s", what, behind)
}

// wrong makes the error of a text that is none of the language. The hint may be empty.
func wrong(hint, format string, args ...any) error { return command.Usage(hint, format, args...) }

// skipLiteral skips '...'.
func (r *reader) skipLiteral() error {
	end := strings.IndexByte(r.text[r.pos+1:], '\'')
	if end < 0 {
		return &unfinished{"a quote ' has no end"}
	}
	r.pos += end + 2
	return nil
}

// skipString skips "...". Inside, \( begins an expression up to its ), as in jq.
func (r *reader) skipString() error {
	for r.pos++; !r.done(); r.pos++ {
		switch {
		case r.at(`"`):
			r.pos++
			return nil
		case r.at(`\(`):
			r.pos++
			if err := r.skipBrackets(); err != nil {
				return err
			}
			r.pos--
		case r.at(`\`):
			r.pos++
		}
	}
	r.pos = len(r.text)
	return &unfinished{`a quote " has no end`}
}

// readString reads "..." as a JSON string, which may have line ends and tabs in it.
func (r *reader) readString() (string, error) {
	begin := r.pos
	for r.pos++; !r.done() && !r.at(`"`); r.pos++ {
		if r.at(`\`) {
			r.pos++
		}
	}
	if r.done() {
		r.pos = len(r.text)
		return "", &unfinished{`a quote " has no end`}
	}
	r.pos++
	raw := r.text[begin:r.pos]
	var text string
	if err := json.Unmarshal([]byte(controls.Replace(raw)), &text); err != nil {
		return "", wrong("'...' is literal, and \\\\ is a backslash", "%s is no JSON string", raw)
	}
	return text, nil
}

// controls are characters that JSON wants escaped, and people type as they are.
var controls = strings.NewReplacer("\n", `\n`, "\t", `\t`, "\r", `\r`)

// closing is the bracket that closes another.
var closing = map[byte]byte{'(': ')', '[': ']', '{': '}'}

// skipBrackets skips from a bracket to its match.
func (r *reader) skipBrackets() error {
	begin := r.pos
	var open []byte
	for !r.done() {
		b := r.text[r.pos]
		switch {
		case b == '\'':
			if err := r.skipLiteral(); err != nil {
				return err
			}
			continue
		case b == '"':
			if err := r.skipString(); err != nil {
				return err
			}
			continue
		case closing[b] != 0:
			open = append(open, closing[b])
		case b == open[len(open)-1]:
			open = open[:len(open)-1]
		case b == ')' || b == ']' || b == '}':
			return wrong("", "%q where %q was to come, in %s", b, open[len(open)-1], r.text[begin:r.pos+1])
		}
		r.pos++
		if len(open) == 0 {
			return nil
		}
	}
	return &unfinished{"a bracket " + r.text[begin:begin+1] + " has no end"}
}
