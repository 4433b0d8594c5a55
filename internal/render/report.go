package render

import (
	"fmt"
	"time"
)

// Report is a report as people see it, on one line.
type Report struct {
	Time     time.Time
	Instance string
	Subject  string
	Value    []byte // compact JSON
	Retained bool
}

// Append appends the line: when it was published, who by, on what subject, the value. One that
// was retained says so, and its time has a date.
func (r *Report) Append(dst []byte, l Look) []byte {
	format := "15:04:05.000"
	if r.Retained { // it may be of another day
		format = time.DateTime
	}
	dst = l.appendPainted(dst, faint, r.Time.Local().Format(format))
	dst = append(dst, "  "...)
	dst = l.appendPainted(dst, faint, Clean(r.Instance))
	dst = append(dst, ' ')
	dst = l.appendPainted(dst, bold, Clean(r.Subject))
	dst = append(dst, "  "...)
	dst = l.AppendJSON(dst, r.Value, false)
	if r.Retained {
		dst = append(dst, "  "...)
		dst = l.appendPainted(dst, faint, "(retained)")
	}
	return append(dst, '\n')
}

// AppendGap appends the line that stands where reports are missing. Unknown says that nobody
// knows how many.
func (l Look) AppendGap(dst []byte, count uint64, unknown bool) []byte {
	return append(l.appendPainted(dst, yellow, "--- "+GapText(count, unknown)+" here ---"), '\n')
}

// GapText says how many reports are missing.
func GapText(count uint64, unknown bool) string {
	switch {
	case unknown:
		return "an unknown number of reports is missing"
	case count == 1:
		return "1 report is missing"
	}
	return fmt.Sprintf("%d reports are missing", count)
}
