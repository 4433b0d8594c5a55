package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestLimitAndQueue(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc, g := bubbleGate(&service.ServiceOptions{Limit: 2, Queue: 3})
		handle := announce(t, conn, p, svc, 3)
		for i := range 6 {
			p.deliver(delivery{id: uint64(i), instance: handle, method: "block", args: []any{fmt.Sprint(i)}})
		}
		f := wantFailure(t, p.answerTo(5).failure, wire.CodeBusy, wire.No)
		if !strings.Contains(f.Description, "limit of 2 calls") || !strings.Contains(f.Description, "3 calls") {
			t.Errorf("description %q does not name the limits", f.Description)
		}
		synctest.Wait()
		if n := len(g.started); n != 2 {
			t.Errorf("%d handlers run, want 2", n)
		}
		p.quiet()
		p.deliver(delivery{id: 9, instance: handle, method: "system.stats"})
		stats, _ := p.answerTo(9).value.(map[string]any)
		if stats["inflight"] != int64(5) || stats["waiting"] != int64(3) {
			t.Errorf("system.stats beside the limit: %v, want 5 in flight, 3 waiting", stats)
		}
		close(g.release)
		for range 5 {
			if a := p.answer(); a.failure != nil {
				t.Errorf("answer %d is %v", a.id, a.failure)
			}
		}
		close(g.started)
		var order []string
		for name := range g.started {
			order = append(order, name)
		}
		slices.Sort(order[2:]) // two run at a time; in which order they tell of it is theirs
		if !slices.Equal(order[2:], []string{"2", "3", "4"}) {
			t.Errorf("%v started after the first two, want all that waited", order[2:])
		}
	})
}

func TestBoundOfWaitingBytes(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc, g := bubbleGate(&service.ServiceOptions{Serial: true, QueueBytes: 2500})
		handle := announce(t, conn, p, svc, 3)
		big := strings.Repeat("x", 1000)
		for i := range 4 {
			p.deliver(delivery{id: uint64(i), instance: handle, method: "block", args: []any{big}})
		}
		wantFailure(t, p.answerTo(3).failure, wire.CodeBusy, wire.No)
		p.cancel(2, false)
		wantFailure(t, p.answerTo(2).failure, wire.CodeCanceled, wire.No)
		p.deliver(delivery{id: 4, instance: handle, method: "block", args: []any{big}})
		synctest.Wait()
		p.quiet()
		close(g.release)
		for _, id := range []uint64{0, 1, 4} {
			if a := p.answerTo(id); a.failure != nil {
				t.Errorf("answer %d is %v", id, a.failure)
			}
		}
	})
}
