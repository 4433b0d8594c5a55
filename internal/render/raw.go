package render

import (
	"bytes"
	"encoding/json"
)

// AppendRaw appends one compact JSON document as shells like it: a text as it is, nothing for
// null, and any other value as JSON, each with a line's end. On a terminal a text keeps its lines
// and is clean.
func (l Look) AppendRaw(dst, doc []byte) []byte {
	var text string
	switch {
	case bytes.Equal(doc, []byte("null")):
		return dst
	case !bytes.HasPrefix(doc, []byte(`"`)) || json.Unmarshal(doc, &text) != nil:
		dst = l.AppendJSON(dst, doc, false)
	case l.Terminal:
		dst = append(dst, CleanLines(text)...)
	default:
		dst = append(dst, text...)
	}
	return append(dst, '\n')
}
