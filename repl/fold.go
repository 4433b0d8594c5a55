package repl

import "strings"

// Fold makes one line of an input of several, which means the same: an end of line becomes a blank,
// a comment goes, and in a string the end of line is written as one. The input must be whole, as
// Incomplete says.
func Fold(text string) string {
	if !strings.Contains(text, "\n") {
		return text
	}
	f := folding{text: text}
	for f.at < len(text) {
		f.next()
	}
	return strings.TrimSpace(f.out.String())
}

// folding is the work on one text.
type folding struct {
	text string
	at   int
	out  strings.Builder
}

func (f *folding) next() {
	switch b := f.text[f.at]; {
	case b == '\'':
		f.literal()
	case b == '"':
		f.quoted()
	case b == '#' && (f.at == 0 || strings.IndexByte(" \t\n", f.text[f.at-1]) >= 0):
		if end := strings.IndexByte(f.text[f.at:], '\n'); end >= 0 {
			f.at += end
		} else {
			f.at = len(f.text)
		}
	case b == '\n' || b == '\r':
		f.out.WriteByte(' ')
		f.at++
	default:
		f.out.WriteByte(b)
		f.at++
	}
}

// quoted takes a string in double quotes, where an end of line has an escape.
func (f *folding) quoted() {
	end := f.at + 1
	for end < len(f.text) && f.text[end] != '"' {
		if f.text[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end+1, len(f.text))
	text := strings.ReplaceAll(f.text[f.at:end], "\r", `\r`)
	f.out.WriteString(strings.ReplaceAll(text, "\n", `\n`))
	f.at = end
}

// literal takes a string in single quotes, which knows no escapes. In JSON an end of line is as good
// as a blank; elsewhere it goes into double quotes of its own.
func (f *folding) literal() {
	end := len(f.text)
	if n := strings.IndexByte(f.text[f.at+1:], '\''); n >= 0 {
		end = f.at + n + 2
	}
	text := f.text[f.at:end]
	instead := `'"\n"'`
	if inner := strings.TrimLeft(text[1:], " \t\r\n"); strings.HasPrefix(inner, "[") || strings.HasPrefix(inner, "{") {
		instead = " "
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	f.out.WriteString(strings.ReplaceAll(text, "\n", instead))
	f.at = end
}
