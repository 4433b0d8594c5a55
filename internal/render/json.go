package render

import (
	"bytes"
	"encoding/json"
)

// AppendJSON appends one compact JSON document as the output shows it: verbatim in a pipe, made
// safe on a terminal, where it is still the same JSON. With indent it has a line for each member
// and element.
func (l Look) AppendJSON(dst, doc []byte, indent bool) []byte {
	if indent {
		var spread bytes.Buffer
		if json.Indent(&spread, doc, "", "  ") == nil {
			doc = spread.Bytes()
		}
	}
	if !l.Terminal && !l.Color {
		return append(dst, doc...)
	}
	for len(doc) > 0 {
		n, p := jsonToken(doc)
		text := string(doc[:n])
		if l.Terminal && doc[0] == '"' {
			text = cleaned(text, "", appendJSONEscape)
		}
		dst = l.appendPainted(dst, p, text)
		doc = doc[n:]
	}
	return dst
}

// jsonToken finds how long the first token of doc is, and its colour.
func jsonToken(doc []byte) (int, paint) {
	switch c := doc[0]; {
	case c == '"':
		n := stringToken(doc)
		if n < len(doc) && doc[n] == ':' {
			return n, cyan
		}
		return n, green
	case c == '-' || c >= '0' && c <= '9':
		return run(doc, "+-.eE0123456789"), yellow
	case c >= 'a' && c <= 'z':
		return run(doc, "aeflnrstu"), purple
	}
	return 1, plain
}

// stringToken is the length of the string that doc begins with, its quotes included.
func stringToken(doc []byte) int {
	for i := 1; i < len(doc); i++ {
		switch doc[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(doc)
}

// run is how many bytes at the start of doc are among set; the first one always counts.
func run(doc []byte, set string) int {
	n := 1
	for n < len(doc) && bytes.IndexByte([]byte(set), doc[n]) >= 0 {
		n++
	}
	return n
}
