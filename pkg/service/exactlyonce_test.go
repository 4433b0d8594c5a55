package service_test

import (
	"context"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestEachDeliveryIsAnsweredOnce drives an instance with random deliveries, cancels and
// ends of handlers: every request is answered exactly once, one that was refused, cancelled
// or expired before its start says no, and no handler starts that was not delivered.
func TestEachDeliveryIsAnsweredOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit, queue := rapid.IntRange(1, 4).Draw(rt, "limit"), rapid.IntRange(1, 5).Draw(rt, "queue")
		steps := rapid.SliceOfN(rapid.IntRange(0, 99), 1, 60).Draw(rt, "steps")
		synctest.Test(t, func(t *testing.T) {
			m := newOnceMachine(t, limit, queue)
			for _, step := range steps {
				m.step(step)
			}
			m.finish()
		})
	})
}

type onceMachine struct {
	t        *testing.T
	s        *script
	conn     *service.Conn
	p        *peer
	handle   uint32
	next     uint64
	open     map[uint64]bool // delivered and not answered
	started  map[uint64]bool
	starts   chan uint64
	releases map[uint64]chan struct{}
}

func newOnceMachine(t *testing.T, limit, queue int) *onceMachine {
	m := &onceMachine{t: t, open: map[uint64]bool{}, started: map[uint64]bool{}, starts: make(chan uint64, 1000), releases: map[uint64]chan struct{}{}}
	for id := range uint64(100) {
		m.releases[id] = make(chan struct{})
	}
	svc := service.New("math", &service.ServiceOptions{Limit: limit, Queue: queue})
	svc.Export("x", m.handler, nil)
	m.s = newScript(t)
	m.conn, m.p = m.s.connect(nil)
	m.handle = announce(t, m.conn, m.p, svc, 3)
	return m
}

func (m *onceMachine) handler(ctx context.Context, id uint64) (uint64, error) {
	m.starts <- id
	select {
	case <-m.releases[id]:
		return id, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// step delivers, cancels, or lets a handler return, by a random number.
func (m *onceMachine) step(n int) {
	switch id := uint64(n) % max(m.next, 1); {
	case n < 50:
		m.open[m.next] = true
		m.p.deliver(delivery{id: m.next, instance: m.handle, method: "x", args: []any{m.next}})
		m.next++
	case n < 75:
		m.p.cancel(id, n%2 == 0)
	default:
		m.release(id)
	}
	synctest.Wait()
	m.collect()
}

func (m *onceMachine) release(id uint64) {
	select {
	case <-m.releases[id]:
	default:
		close(m.releases[id])
	}
}

// collect takes the answers there are.
func (m *onceMachine) collect() {
	for {
		select {
		case id := <-m.starts:
			if m.started[id] || id >= m.next {
				m.t.Errorf("request %d was started again, or never delivered", id)
			}
			m.started[id] = true
		case f := <-m.p.frames:
			a := m.p.readAnswer(f)
			if !m.open[a.id] {
				m.t.Errorf("request %d was answered again", a.id)
			}
			delete(m.open, a.id)
			if a.failure != nil && (a.failure.Delivered == wire.No) == m.started[a.id] {
				m.t.Errorf("request %d, started %v, failed with %v, delivered %s", a.id, m.started[a.id], a.failure, a.failure.Delivered)
			}
		default:
			return
		}
	}
}

func (m *onceMachine) finish() {
	for id := range m.next {
		m.release(id)
	}
	synctest.Wait()
	m.collect()
	if len(m.open) > 0 {
		m.t.Errorf("%d requests were never answered: %v", len(m.open), m.open)
	}
	m.s.close(m.conn)
}
