package render

// AnswerTable is a table of what instances answer, whose rows are shown as they come: it knows
// the instances before, so that the columns are aligned all the same. A row is cut where it would
// be wider than the output.
type AnswerTable struct {
	widths []int // of the instances; what they answer takes the rest
	begun  bool
}

// NewAnswerTable makes the table for the answers of some instances.
func NewAnswerTable(instances []string) *AnswerTable {
	t := &AnswerTable{widths: make([]int, 1)}
	fit(t.widths, answerHeader)
	for _, name := range instances {
		fit(t.widths, []string{OneLine(name)})
	}
	return t
}

var answerHeader = []string{"INSTANCE", "VALUE"}

// AppendValue appends the row of a result, one compact JSON document, and before the first row
// the header.
func (t *AnswerTable) AppendValue(dst []byte, l Look, instance string, doc []byte) []byte {
	text := string(doc)
	if l.Terminal {
		text = cleaned(text, "", appendJSONEscape)
	}
	return t.appendRow(dst, l, instance, text, func(dst []byte, text string) []byte {
		return l.AppendJSON(dst, []byte(text), false)
	})
}

// AppendFailure appends the row of a failure, and before the first row the header.
func (t *AnswerTable) AppendFailure(dst []byte, l Look, instance, text string) []byte {
	return t.appendRow(dst, l, instance, OneLine(l.Text(text)), func(dst []byte, text string) []byte {
		return l.appendPainted(dst, red, text)
	})
}

func (t *AnswerTable) appendRow(dst []byte, l Look, instance, text string, paint func([]byte, string) []byte) []byte {
	// How wide the longest answer will be nobody knows, so each has all the room there is.
	widths := fitted([]int{t.widths[0], max(Columns(text), len(answerHeader[1]), l.Width)}, l.Width)
	if !t.begun {
		t.begun = true
		dst = appendRow(dst, l, bold, widths, answerHeader)
	}
	name := l.Cut(OneLine(l.Text(instance)), widths[0])
	dst = append(dst, name...)
	if len(widths) > 1 {
		for range widths[0] - Columns(name) + gap {
			dst = append(dst, ' ')
		}
		dst = paint(dst, l.Cut(text, widths[1]))
	}
	return append(dst, '\n')
}
