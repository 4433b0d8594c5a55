package render_test

import (
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// nasty is what a process may call itself to harm a terminal.
const nasty = "\x1b[2J\u202e\u009b31m\r\n"

// both appends a thing as a terminal and as a pipe get it.
func both(show func(dst []byte, l render.Look) []byte) []byte {
	dst := append(show([]byte("on a terminal:\n"), render.Look{Terminal: true}), "in a pipe:\n"...)
	return show(dst, render.Look{})
}

func TestSessionTable(t *testing.T) {
	rtt := 0.215
	list := []exchange.SessionInfo{
		{Address: "@7", State: "ready", RTTMillis: &rtt, QueueBytes: 4096, LostReports: 12, PID: 4121, Host: "moon", User: "ada",
			Program: "calc", Services: []string{"math@8", "echo@9"}},
		{Address: "@10", State: "suspect", Host: nasty, User: nasty, Program: nasty, Services: []string{}},
	}
	golden(t, "sessions.txt", both(render.SessionTable(list).Append))
}

func TestGroupTable(t *testing.T) {
	list := []exchange.GroupInfo{{Name: "web-services", Members: []string{"math@3", "echo@4"}}, {Name: nasty, Members: []string{nasty}}}
	golden(t, "groups.txt", both(render.GroupTable(list).Append))
}

func TestStatsTable(t *testing.T) {
	row := func(address string, failures map[string]uint64) *exchange.InstanceRow {
		return &exchange.InstanceRow{Address: address, State: "ready", Inflight: 2, Calls: 1_000, Failures: failures}
	}
	for name, asked := range map[string]bool{"stats.txt": false, "stats_asked.txt": true} {
		table := render.NewStatsTable(asked)
		table.AddInstance(row("math@3", map[string]uint64{"timeout": 1, "application": 2}), []byte(`{"waiting":3,"limit":256}`))
		table.AddInstance(row("foreign@4", nil), nil)
		table.AddInstance(row("odd@5", nil), []byte(`{"waiting":"many"}`))
		table.AddSilent(row("hung@6", map[string]uint64{nasty: 1}), "timeout")
		golden(t, name, both(table.Append))
	}
}

func TestEventsAsPeopleSeeThem(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 250e6, time.Local)
	events := []render.Event{
		{Kind: service.Available, Instance: "math@3"},
		{Kind: service.Joined, Instance: "math@3", Group: "web-services"},
		{Kind: service.Changed, Instance: "math@3", State: service.Suspect},
		{Kind: service.Left, Instance: "math@3", Group: nasty, Reason: service.ReasonDrained},
		{Kind: service.Withdrawn, Instance: nasty, Reason: service.ReasonExchangeLost},
	}
	show := func(dst []byte, l render.Look) []byte {
		for _, e := range events {
			e.Time = at
			dst = e.Append(dst, l)
		}
		return dst
	}
	golden(t, "events.txt", both(show))
	golden(t, "events_colour.txt", show(nil, render.Look{Terminal: true, Color: true}))
}

func TestPingAsPeopleSeeIt(t *testing.T) {
	golden(t, "ping.txt", both(func(dst []byte, l render.Look) []byte { return l.AppendPing(dst, "math@3"+nasty, 0.25) }))
}
