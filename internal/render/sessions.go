package render

import (
	"strconv"
	"strings"

	"github.com/netsvc/netsvc/pkg/exchange"
)

// SessionTable lists connected processes, one a row.
func SessionTable(sessions []exchange.SessionInfo) *Table {
	t := &Table{Header: []string{"ADDRESS", "STATE", "RTT", "QUEUE", "LOST", "SERVICES", "SINCE", "PID", "HOST", "USER", "PROGRAM"}}
	for _, s := range sessions {
		t.Add(s.Address, s.State, roundTrip(s.RTTMillis), strconv.Itoa(s.QueueBytes), strconv.FormatUint(s.LostReports, 10),
			strings.Join(s.Services, " "), moment(s.Since), strconv.Itoa(s.PID), s.Host, s.User, s.Program)
	}
	return t
}

func roundTrip(ms *float64) string {
	if ms == nil {
		return "-"
	}
	return milliseconds(*ms)
}

// milliseconds is a short time for people.
func milliseconds(ms float64) string { return strconv.FormatFloat(ms, 'f', -1, 64) + " ms" }

// GroupTable lists groups, one a row.
func GroupTable(groups []exchange.GroupInfo) *Table {
	t := &Table{Header: []string{"NAME", "MEMBERS"}}
	for _, g := range groups {
		t.Add(g.Name, strings.Join(g.Members, " "))
	}
	return t
}

// AppendPing appends the line of who answered, and how soon.
func (l Look) AppendPing(dst []byte, instance string, ms float64) []byte {
	dst = l.appendPainted(dst, bold, OneLine(l.Text(instance)))
	dst = append(dst, "  "...)
	return append(append(dst, milliseconds(ms)...), '\n')
}
