package render

import (
	"strings"
	"time"
)

// ProgressText is what stands on a terminal while a command waits: for what, how long it has, and
// a note that may be empty. It fits on one line and leaves the last column free, so that no
// terminal breaks the line.
func (l Look) ProgressText(what string, waited time.Duration, note string) string {
	text := "waiting for " + OneLine(l.Text(what)) + " ..."
	if seconds := waited.Truncate(time.Second); seconds > 0 {
		text += " " + seconds.String()
	}
	if note != "" {
		text += ", " + OneLine(l.Text(note))
	}
	if l.Width > 0 {
		text = l.Cut(text, l.Width-1)
	}
	return text
}

// AppendOver appends what puts text into the place of a line that was before columns wide and has
// no end yet. It moves the cursor by the carriage return alone, which every terminal understands.
// The second result is how wide the line is now; without text nothing is left of it.
func AppendOver(dst []byte, text string, before int) ([]byte, int) {
	now := Columns(text)
	dst = append(append(dst, '\r'), text...)
	dst = append(dst, strings.Repeat(" ", max(before-now, 0))...)
	if before > now && now == 0 {
		dst = append(dst, '\r')
	}
	return dst, now
}
