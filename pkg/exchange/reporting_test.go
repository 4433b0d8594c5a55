package exchange

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// publishFrame publishes an integer on a subject of the instance with that handle.
func publishFrame(id uint64, handle uint32, p wire.Publish, subject string, v int) []byte {
	body, ok := wire.AppendPublish(nil, &p, subject)
	if !ok {
		panic("no subject")
	}
	encoded, err := value.Marshal(v)
	if err != nil {
		panic(err)
	}
	return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindPublish, ID: id, Target: handle}, append(body, encoded...))
}

// publish publishes an integer and waits until it is in all queues.
func (p *process) publish(subject string, v int, how wire.Publish) {
	p.t.Helper()
	p.next++
	p.raw(publishFrame(p.next, 0, how, subject, v))
	p.expect(wire.KindDone)
}

// retain is a Publish whose value is kept while the publisher lives.
var retain = wire.Publish{Lifetime: wire.LifetimeOfPublisher}

// refused expects the refusal of the last control request.
func (p *process) refused(code wire.Code) *wire.Failure {
	p.t.Helper()
	f := p.expect(wire.KindRefused)
	failure := p.failure(f)
	if f.ID != p.next || failure.Code != code {
		p.t.Fatalf("request %d was refused with %v, want %d with %v", f.ID, failure, p.next, code)
	}
	return failure
}

// subscribe begins a subscription and returns when it has its Done; what is retained follows.
func (p *process) subscribe(s *wire.Subscribe) {
	p.t.Helper()
	p.ask(s)
	if f := p.expect(wire.KindDone); f.ID != p.next {
		p.t.Fatalf("done %d, want %d", f.ID, p.next)
	}
}

// subscribed begins a subscription for which nothing is retained.
func (p *process) subscribed(s *wire.Subscribe) {
	p.t.Helper()
	p.subscribe(s)
	p.heard(fmt.Sprintf("%d synced", s.ID))
}

// ofName is a subscription to the services of a name.
func ofName(id uint32, name string, patterns ...string) *wire.Subscribe {
	return &wire.Subscribe{ID: id, Scope: wire.ScopeGlob, Target: name, Patterns: patterns}
}

// heard reads as many frames of subscriptions as are wanted, and compares them.
func (p *process) heard(want ...string) {
	p.t.Helper()
	for i, w := range want {
		if got := heardText(p.t, p.read()); got != w {
			p.t.Fatalf("frame %d of %d is %q, want %q", i+1, len(want), got, w)
		}
	}
}

// heardText is a frame of a subscription in words: its number, and what it is.
func heardText(t *testing.T, f frame) string {
	t.Helper()
	switch f.Kind {
	case wire.KindReport:
		r, err := wire.ParseReport(f.body)
		if err != nil {
			t.Fatal(err)
		}
		mark := ""
		if f.Flags&wire.FlagRetained != 0 {
			mark = " retained"
		}
		return fmt.Sprintf("%d %s %s=%v%s", f.ID, r.Name, r.Subject, reported(t, r.Value), mark)
	case wire.KindGap:
		n, err := wire.ParseGap(f.body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d gap %d", f.ID, n)
	case wire.KindNotice:
		m, err := wire.ParseMessage(f.Kind, f.body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d %s", f.ID, [...]string{1: "synced", 2: "ended"}[m.(*wire.Notice).Kind])
	default:
		return f.Kind.String()
	}
}

// reported is the integer at the start of a report's value.
func reported(t *testing.T, encoded []byte) int {
	t.Helper()
	var v int
	if err := value.Unmarshal(encoded, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// silent checks that nothing more came.
func (p *process) silent() {
	p.t.Helper()
	synctest.Wait()
	if n := len(p.frames); n > 0 {
		p.t.Errorf("%d frames came, the first %q; want none", n, heardText(p.t, p.read()))
	}
}
