package render

// AnswerTable is a table of what instances answer, whose rows are shown as they come: it knows
// the instances before, so that the columns are aligned all the same.
type AnswerTable struct {
	widths []int
	begun  bool
}

// NewAnswerTable makes the table for the answers of some instances.
func NewAnswerTable(instances []string) *AnswerTable {
	t := &AnswerTable{widths: make([]int, 2)}
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
	return t.appendRow(dst, l, instance, func(dst []byte) []byte { return l.AppendJSON(dst, doc, false) })
}

// AppendFailure appends the row of a failure, and before the first row the header.
func (t *AnswerTable) AppendFailure(dst []byte, l Look, instance, text string) []byte {
	return t.appendRow(dst, l, instance, func(dst []byte) []byte {
		return l.appendPainted(dst, red, OneLine(l.Text(text)))
	})
}

func (t *AnswerTable) appendRow(dst []byte, l Look, instance string, cell func([]byte) []byte) []byte {
	if !t.begun {
		t.begun = true
		dst = appendRow(dst, l, bold, t.widths, answerHeader)
	}
	name := OneLine(l.Text(instance))
	dst = append(dst, name...)
	for range t.widths[0] - columns(name) + 2 {
		dst = append(dst, ' ')
	}
	return append(cell(dst), '\n')
}
