package render

import (
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// Event is an event of the registry about an instance, as people see it, on one line.
type Event struct {
	Time     time.Time
	Kind     service.EventKind
	Instance string
	Group    string         // of Joined and Left
	State    service.State  // of Changed
	Reason   service.Reason // of Left and Withdrawn; ReasonNone says nothing
}

// wordColumns is how wide the words of those that come and go are.
const wordColumns = len("SERVICE-AVAILABLE")

// Append appends the line: when, what, which instance, and why.
func (e *Event) Append(dst []byte, l Look) []byte {
	dst = l.appendPainted(dst, faint, e.Time.Local().Format("15:04:05.000"))
	dst = append(dst, "  "...)
	words := OneLine(l.Text(e.words()))
	dst = l.appendPainted(dst, e.paint(), words)
	dst = append(dst, strings.Repeat(" ", max(wordColumns-Columns(words), 0)+2)...)
	dst = l.appendPainted(dst, bold, OneLine(l.Text(e.Instance)))
	if e.Reason != service.ReasonNone {
		dst = append(dst, "  "...)
		dst = l.appendPainted(dst, faint, "("+e.Reason.String()+")")
	}
	return append(dst, '\n')
}

// words are the classic ones.
func (e *Event) words() string {
	switch e.Kind {
	case service.Available:
		return "SERVICE-AVAILABLE"
	case service.Withdrawn:
		return "SERVICE-WITHDRAWN"
	case service.Joined:
		return "JOIN-GROUP[" + e.Group + "]"
	case service.Left:
		return "LEAVE-GROUP[" + e.Group + "]"
	case service.Changed:
		return "SERVICE-CHANGED[" + e.State.String() + "]"
	case service.Synced, service.Reset:
	}
	return e.Kind.String()
}

func (e *Event) paint() paint {
	switch e.Kind {
	case service.Available:
		return green
	case service.Withdrawn:
		return red
	case service.Changed:
		return yellow
	case service.Joined, service.Left, service.Synced, service.Reset:
	}
	return cyan
}
