package service_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestCurrentEndsWithTheLink: who waits for the present state learns of a lost link at once.
func TestCurrentEndsWithTheLink(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		d, err := conn.Directory(service.WatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := message[*wire.Watch](p, wire.KindWatch)
		current := make(chan error, 1)
		go func() { current <- d.Current(t.Context()) }()
		p.tell(m.ID, wire.Event{Kind: wire.Synced})
		if err := <-current; err != nil {
			t.Errorf("Current = %v, want nil", err)
		}
		p.tell(m.ID, wire.Event{Kind: wire.Reset})
		synctest.Wait()
		go func() { current <- d.Current(t.Context()) }()
		synctest.Wait()
		s.set(func() { s.dialErr = errors.New("connection refused") })
		start := time.Now()
		p.lose()
		wantFailure(t, <-current, wire.CodeUnreachable, wire.No)
		wantFailure(t, d.Current(t.Context()), wire.CodeUnreachable, wire.No)
		if took := time.Since(start); took != 0 {
			t.Errorf("Current took %v, want no time", took)
		}
		d.Close()
		if err := d.Current(t.Context()); !errors.Is(err, service.ErrClosed) {
			t.Errorf("Current after Close = %v, want ErrClosed", err)
		}
	})
}

// TestReturning: what was there at the loss of the link is expected until it is back, or 3 s
// after the present state is known.
func TestReturning(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		d, err := conn.Directory(service.WatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		wants := func(when, name string, want bool) {
			t.Helper()
			synctest.Wait()
			if got := d.Returning(name); got != want {
				t.Errorf("%s: Returning(%s) = %v, want %v", when, name, got, want)
			}
		}
		watched := func(events ...wire.Event) *wire.Watch {
			m, _ := message[*wire.Watch](p, wire.KindWatch)
			p.tell(m.ID, append(events, wire.Event{Kind: wire.Synced})...)
			return m
		}
		available := func(number uint32, name string) wire.Event {
			return wire.Event{Kind: wire.Available, Info: info(number, name)}
		}
		m := watched(available(3, "math"), available(4, "echo"), available(5, "gone"))
		p.tell(m.ID, wire.Event{Kind: wire.Withdrawn, Info: info(5, "gone")})
		wants("while all is well", "math", false)
		p.lose()
		wants("while the link is down", "math", true)
		wants("while the link is down", "gone", false)
		wants("while the link is down", "stranger", false)
		p = <-s.peers
		watched(available(13, "echo"))
		wants("when the state is known", "math", true)
		wants("when it is back", "echo", false)
		time.Sleep(2 * time.Second)
		p.lose() // a second time, before math has come back
		p = <-s.peers
		m = watched(available(23, "echo"))
		time.Sleep(3*time.Second - time.Nanosecond)
		wants("just before the end of its time", "math", true)
		time.Sleep(time.Nanosecond)
		wants("after its time", "math", false)
		p.tell(m.ID, available(24, "late"), wire.Event{Kind: wire.Withdrawn, Info: info(24, "late")})
		p.lose()
		wants("after another loss", "math", false)
		wants("after another loss", "late", false)
		wants("after another loss", "echo", true)
		<-s.peers
	})
}
