package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// tell sends events of a watch.
func (p *peer) tell(watch uint32, events ...wire.Event) {
	p.t.Helper()
	for chunk := range slices.Chunk(events, 100) {
		var m wire.Events
		for i := range chunk {
			m.Events = append(m.Events, wire.EncodeEvent(&chunk[i]))
		}
		p.send(wire.AppendMessage(nil, 0, watch, &m))
	}
}

func info(number uint32, name string, groups ...string) *wire.Info {
	return &wire.Info{Number: number, Name: name, Groups: groups, Session: 2, Since: 1000, Process: wire.Process{PID: 5}}
}

// shown is an event as a line: kind, address, group, reason.
func shown(e service.Event) string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", e.Kind, e.Info.Address, e.Group, e.Reason)), " ")
}

// read reads events until none is there for a while.
func read(t *testing.T, w *service.Watch) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	var lines []string
	for e := range w.Events(ctx) {
		lines = append(lines, shown(e))
	}
	return lines
}

func wantLines(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

func TestWatchTellsWhatIsAndWhatChanges(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		w, err := conn.Watch(service.WatchOptions{Glob: "ma*"})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := message[*wire.Watch](p, wire.KindWatch)
		if m.Scope != wire.ScopeGlob || m.Pattern != "ma*" {
			t.Errorf("watch is %+v", m)
		}
		p.tell(m.ID, wire.Event{Rev: 5, Kind: wire.Available, Info: info(3, "math", "web")},
			wire.Event{Rev: 5, Kind: wire.Joined, Info: info(3, "math", "web"), Group: "web"},
			wire.Event{Rev: 5, Kind: wire.Synced})
		e, err := w.Next(t.Context())
		want := service.Address{Origin: testOrigin, Name: "math", Number: 3}
		if err != nil || e.Kind != service.Available || e.Info.Address != want || e.Info.Process.PID != 5 || e.Rev != 5 || e.Info.Since.UnixMilli() != 1000 {
			t.Errorf("first event is %+v, %v", e, err)
		}
		wantLines(t, "the rest", read(t, w), "joined math@3 web", "synced")
		p.tell(m.ID, wire.Event{Rev: 6, Kind: wire.Left, Info: info(3, "math"), Group: "web", Reason: wire.ReasonFrozen},
			wire.Event{Rev: 7, Kind: wire.Withdrawn, Info: info(3, "math"), Reason: wire.ReasonFrozen})
		wantLines(t, "changes", read(t, w), "left math@3 web frozen", "withdrawn math@3 frozen")
		w.Close()
		if u, _ := message[*wire.Unwatch](p, wire.KindUnwatch); u.ID != m.ID {
			t.Errorf("ended watch %d, want %d", u.ID, m.ID)
		}
		if _, err := w.Next(t.Context()); !errors.Is(err, service.ErrClosed) {
			t.Errorf("Next after Close = %v, want ErrClosed", err)
		}
		p.tell(m.ID, wire.Event{Rev: 8, Kind: wire.Synced}) // was on its way
	})
}

// TestWatchOverALostLink: a farewell for all that was shown, then the present state.
func TestWatchOverALostLink(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		w, err := conn.Watch(service.WatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := message[*wire.Watch](p, wire.KindWatch)
		p.tell(m.ID, wire.Event{Kind: wire.Available, Info: info(3, "math", "a", "b")},
			wire.Event{Kind: wire.Available, Info: info(4, "echo")}, wire.Event{Kind: wire.Synced},
			wire.Event{Kind: wire.Withdrawn, Info: info(4, "echo"), Reason: wire.ReasonClosed})
		read(t, w)
		p.lose()
		p = <-s.peers
		wantLines(t, "farewell", read(t, w), "left math@3 a exchange-lost", "left math@3 b exchange-lost", "withdrawn math@3 exchange-lost")
		again, _ := message[*wire.Watch](p, wire.KindWatch)
		p.tell(again.ID, wire.Event{Kind: wire.Available, Info: info(9, "math")}, wire.Event{Kind: wire.Synced})
		wantLines(t, "the present state", read(t, w), "available math@9", "synced")
	})
}

// TestSlowReaderOfAWatch: a reset and the present state in place of what was not read.
func TestSlowReaderOfAWatch(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		w, err := conn.Watch(service.WatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := message[*wire.Watch](p, wire.KindWatch)
		var present []wire.Event
		for i := range 3000 { // more than the bound of changes: what there is, is not counted
			present = append(present, wire.Event{Kind: wire.Available, Info: info(uint32(100+i), "s")})
		}
		p.tell(m.ID, append(present, wire.Event{Kind: wire.Synced})...)
		synctest.Wait()
		if lines := read(t, w); len(lines) != 3001 || lines[3000] != "synced" {
			t.Fatalf("got %d events, want 3001", len(lines))
		}
		var gone []wire.Event
		for i := range 2999 {
			gone = append(gone, wire.Event{Kind: wire.Withdrawn, Info: info(uint32(100+i), "s"), Reason: wire.ReasonLost})
		}
		p.tell(m.ID, gone[:1024]...)
		synctest.Wait()
		if lines := read(t, w); len(lines) != 1024 || lines[0] != "withdrawn s@100 lost" {
			t.Fatalf("got %d events, want each of the 1,024 that fit", len(lines))
		}
		p.tell(m.ID, gone[1024:]...)
		synctest.Wait()
		lines := read(t, w)
		if lines[0] != "reset" || slices.Contains(lines[1:], "reset") {
			t.Errorf("began with %q, want one reset", lines[0])
		}
		synced := slices.Index(lines, "synced")
		live := map[string]bool{}
		for i, line := range lines[1:] {
			kind, rest, _ := strings.Cut(line, " ")
			switch {
			case i+1 < synced && kind == "available":
				live[rest] = true
			case kind == "withdrawn":
				delete(live, strings.TrimSuffix(rest, " lost"))
			}
		}
		if len(live) != 1 || !live["s@3099"] {
			t.Errorf("the reader knows %d instances, want s@3099 alone", len(live))
		}
	})
}

func TestResetOfTheExchange(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		w, err := conn.Watch(service.WatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := message[*wire.Watch](p, wire.KindWatch)
		p.tell(m.ID, wire.Event{Kind: wire.Available, Info: info(3, "math")}, wire.Event{Kind: wire.Synced})
		read(t, w)
		p.tell(m.ID, wire.Event{Kind: wire.Reset}, wire.Event{Kind: wire.Available, Info: info(4, "echo")}, wire.Event{Kind: wire.Synced})
		wantLines(t, "after the reset", read(t, w), "reset", "available echo@4", "synced")
		p.lose()
		wantLines(t, "farewell", read(t, w), "withdrawn echo@4 exchange-lost")
	})
}

// TestReaderThatSleepsThroughOutages holds one farewell at most.
func TestReaderThatSleepsThroughOutages(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		w, err := conn.Watch(service.WatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			m, _ := message[*wire.Watch](p, wire.KindWatch)
			p.tell(m.ID, wire.Event{Kind: wire.Available, Info: info(uint32(10+i), "math")}, wire.Event{Kind: wire.Synced})
			synctest.Wait()
			if i < 4 {
				p.lose()
				p = <-s.peers
			}
		}
		lines := read(t, w)
		if lines[0] != "reset" || len(lines) > 6 || lines[len(lines)-2] != "available math@14" {
			t.Errorf("got %q, want a reset and the last state", lines)
		}
	})
}

func TestWatchesThatEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		w, err := conn.Watch(service.WatchOptions{Group: "web"})
		if err != nil {
			t.Fatal(err)
		}
		_, f := message[*wire.Watch](p, wire.KindWatch)
		p.refuse(f, wire.Failf(wire.CodeBusy, wire.No, "the session has its limit of 0 watches"))
		_, err = w.Next(t.Context())
		wantFailure(t, err, wire.CodeBusy, wire.No)

		at, err := conn.Watch(service.WatchOptions{Address: service.Address{Name: "math", Number: 3}})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := message[*wire.Watch](p, wire.KindWatch)
		if m.Scope != wire.ScopeAddress || m.Pattern != "math@3" || m.Origin != testOrigin {
			t.Errorf("watch is %+v, want math@3 of this exchange", m)
		}
		p.tell(m.ID, wire.Event{Kind: wire.Available, Info: info(3, "math")}, wire.Event{Kind: wire.Synced})
		read(t, at)
		s.set(func() { s.welcome.Origin++ })
		p.lose()
		p = <-s.peers
		wantLines(t, "farewell", read(t, at), "withdrawn math@3 exchange-lost")
		_, err = at.Next(t.Context())
		if f := wantFailure(t, err, wire.CodeNoService, wire.No); f.Details != "address of an earlier exchange" {
			t.Errorf("details are %q", f.Details)
		}
		all, err := conn.Watch(service.WatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p.expect(wire.KindWatch)
		go conn.Close()
		if _, err := all.Next(t.Context()); !errors.Is(err, service.ErrClosed) {
			t.Errorf("Next of a closed Conn = %v, want ErrClosed", err)
		}
	})
}

func TestWatchOptionsThatAreWrong(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		for name, o := range map[string]service.WatchOptions{
			"two at once":     {Glob: "a", Group: "b"},
			"bad group":       {Group: "a b"},
			"pattern too big": {Glob: strings.Repeat("a", 257)},
		} {
			if _, err := conn.Watch(o); err == nil {
				t.Errorf("%s: Watch took it", name)
			}
		}
		p.quiet()
	})
}

func TestDirectory(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		d, err := conn.Directory(service.WatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := message[*wire.Watch](p, wire.KindWatch)
		synced := make(chan error, 1)
		go func() { synced <- d.Synced(t.Context()) }()
		p.tell(m.ID, wire.Event{Kind: wire.Available, Info: info(4, "math")}, wire.Event{Kind: wire.Available, Info: info(3, "math", "web")},
			wire.Event{Kind: wire.Available, Info: info(5, "echo", "web")}, wire.Event{Kind: wire.Synced})
		if err := <-synced; err != nil {
			t.Fatal(err)
		}
		wantNames(t, "math", d.Lookup("math"), "math@3", "math@4")
		wantNames(t, "web", d.Group("web"), "math@3", "echo@5")
		wantNames(t, "all", d.All(), "math@3", "math@4", "echo@5")
		wantNames(t, "none", d.Lookup("none"))
		if i, ok := d.At(service.Address{Name: "math", Number: 4}); !ok || i.Name != "math" {
			t.Errorf("At(math@4) = %v, %v", i, ok)
		}
		for _, a := range []service.Address{{Name: "echo", Number: 4}, {Number: 4, Origin: 1}, {Number: 6}} {
			if i, ok := d.At(a); ok {
				t.Errorf("At(%+v) = %v, want none", a, i)
			}
		}
		p.tell(m.ID, wire.Event{Kind: wire.Withdrawn, Info: info(3, "math", "web")},
			wire.Event{Kind: wire.Left, Info: info(5, "echo"), Group: "web"},
			wire.Event{Kind: wire.Joined, Info: info(4, "math", "new"), Group: "new"})
		synctest.Wait()
		wantNames(t, "math later", d.Lookup("math"), "math@4")
		wantNames(t, "web later", d.Group("web"))
		wantNames(t, "new later", d.Group("new"), "math@4")
		p.lose()
		<-s.peers
		synctest.Wait()
		wantNames(t, "all while down", d.All())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := d.Synced(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Synced before the present state = %v", err)
		}
		d.Close()
	})
}

func wantNames(t *testing.T, what string, got []service.Info, want ...string) {
	t.Helper()
	var names []string
	for _, i := range got {
		names = append(names, i.Address.String())
	}
	wantLines(t, what, names, want...)
}

// TestWaitingForAGroup asks by group (OSE's B4), and a watch of one service asks for no
// more than that (B15).
func TestWaitingForAGroup(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		d, err := conn.Directory(service.WatchOptions{Group: "web"})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		m, _ := message[*wire.Watch](p, wire.KindWatch)
		if m.Scope != wire.ScopeGroup || m.Pattern != "web" {
			t.Errorf("watch is %+v, want the group", m)
		}
		p.tell(m.ID, wire.Event{Kind: wire.Available, Info: info(3, "math", "web", "other")}, wire.Event{Kind: wire.Joined, Info: info(3, "math", "web", "other"), Group: "web"},
			wire.Event{Kind: wire.Synced}, wire.Event{Kind: wire.Left, Info: info(3, "math", "other"), Group: "web"})
		synctest.Wait()
		wantNames(t, "after it left", d.All())
		one, err := conn.Watch(service.WatchOptions{Glob: "math"})
		if err != nil {
			t.Fatal(err)
		}
		defer one.Close()
		if m, _ := message[*wire.Watch](p, wire.KindWatch); m.Scope != wire.ScopeGlob || m.Pattern != "math" {
			t.Errorf("watch is %+v, want the one name", m)
		}
	})
}

func TestDescribe(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc := service.New("math", nil)
		svc.Export("add", func(x, y int64) int64 { return x + y }, nil)
		result := make(chan error, 1)
		go func() { result <- conn.Announce(t.Context(), svc) }()
		blob := p.announced(3).Methods
		<-result
		go func() {
			m, f := message[*wire.Describe](p, wire.KindDescribe)
			if m.Target != "math" {
				t.Errorf("asked for %q", m.Target)
			}
			p.send(wire.AppendMessage(nil, f.ID, 0, &wire.Described{Infos: []wire.Info{*info(3, "math")}, Total: 1, Methods: blob}))
			f = p.expect(wire.KindDescribe)
			p.refuse(f, wire.Failf(wire.CodeNoService, wire.No, `no service "none" is announced`))
		}()
		d, err := conn.Describe(t.Context(), "math")
		if err != nil || d.Total != 1 || d.Infos[0].Name != "math" || len(d.Methods) != 1 || d.Methods[0].Name != "add" {
			t.Errorf("Describe = %+v, %v", d, err)
		}
		_, err = conn.Describe(t.Context(), "none")
		wantFailure(t, err, wire.CodeNoService, wire.No)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = conn.Describe(ctx, "slow")
		wantFailure(t, err, wire.CodeTimeout, wire.Maybe)
		go func() { p.expect(wire.KindDescribe); p.expect(wire.KindDescribe); p.lose() }()
		_, err = conn.Describe(t.Context(), "lost")
		wantFailure(t, err, wire.CodeUnreachable, wire.Maybe)
	})
}
