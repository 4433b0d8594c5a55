package render

import "strings"

// Finding is what a check has found: in its line for people and, as JSON, in a contract.
type Finding struct {
	Check   string `json:"check"`
	State   string `json:"state"` // one of the states of findings
	Message string `json:"message"`
	Hint    string `json:"hint"` // what to do; may be empty
}

// The states of findings.
const (
	FindingOK   = "ok"
	FindingWarn = "warn" // it works, but not as it should
	FindingFail = "fail"
)

// findingPaints are the colours of the states.
var findingPaints = map[string]paint{FindingOK: green, FindingWarn: yellow, FindingFail: red}

// AppendFindings appends a line for each finding, "STATE CHECK MESSAGE (HINT)", with states and
// checks in columns. Nothing is cut: the hint at the end matters most.
func AppendFindings(dst []byte, l Look, findings []Finding) []byte {
	widths := make([]int, 2)
	for _, f := range findings {
		fit(widths, []string{f.State, f.Check})
	}
	for _, f := range findings {
		dst = l.appendPainted(dst, findingPaints[f.State], f.State)
		dst = append(dst, strings.Repeat(" ", widths[0]-Columns(f.State)+1)...)
		dst = append(dst, f.Check...)
		dst = append(dst, strings.Repeat(" ", widths[1]-Columns(f.Check)+1)...)
		dst = append(dst, OneLine(l.Text(f.Message))...)
		if f.Hint != "" {
			dst = append(dst, " ("+OneLine(l.Text(f.Hint))+")"...)
		}
		dst = append(dst, '\n')
	}
	return dst
}
