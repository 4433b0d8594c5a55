package systemtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// reader reads a subscription for a test.
type reader struct {
	t   *testing.T
	sub *service.Subscription
}

// subscribe begins a subscription and waits until it is in force.
func subscribe(t *testing.T, conn *service.Conn, opts service.SubscribeOptions) *reader {
	t.Helper()
	r := subscribeLater(t, conn, opts)
	r.synced()
	return r
}

// subscribeLater is subscribe without waiting.
func subscribeLater(t *testing.T, conn *service.Conn, opts service.SubscribeOptions) *reader {
	t.Helper()
	sub, err := conn.Subscribe(opts)
	if err != nil {
		t.Fatalf("subscribe: %v", err)
	}
	t.Cleanup(sub.Close)
	return &reader{t, sub}
}

func (r *reader) synced() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), testnet.Patience)
	defer cancel()
	if err := r.sub.Synced(ctx); err != nil {
		r.t.Fatalf("synced: %v", err)
	}
}

// next is what comes next, as a line.
func (r *reader) next() string {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), testnet.Patience)
	defer cancel()
	report, err := r.sub.Next(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		r.t.Fatalf("no report: %v", err)
	}
	return reported(report, err)
}

// reported is a report, a gap or the end as a line.
func reported(r service.Report, err error) string {
	var gap *service.GapError
	switch {
	case errors.As(err, &gap) && gap.Unknown:
		return "gap ?"
	case errors.As(err, &gap):
		return fmt.Sprintf("gap %d", gap.Count)
	case err != nil:
		return err.Error()
	}
	line := fmt.Sprintf("%s %s %v", r.Publisher.Name, r.Subject, r.Value())
	if r.Retained {
		line += " retained"
	}
	return line
}

// wants fails t unless these come next, in this order.
func (r *reader) wants(lines ...string) {
	r.t.Helper()
	for _, want := range lines {
		if got := r.next(); got != want {
			r.t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// wantsAll fails t unless these come next, in any order.
func (r *reader) wantsAll(lines ...string) {
	r.t.Helper()
	var got []string
	for range lines {
		got = append(got, r.next())
	}
	slices.Sort(got)
	slices.Sort(lines)
	if !slices.Equal(got, lines) {
		r.t.Fatalf("got %q, want %q", got, lines)
	}
}

// wantsNothing fails t if something waits to be read. Whoever would have sent it must have
// been heard by then.
func (r *reader) wantsNothing() {
	r.t.Helper()
	if n := r.sub.Stats().Waiting; n != 0 {
		r.t.Errorf("%d reports wait, the first is %q; want none", n, r.next())
	}
}

// publish publishes, and waits until the report is in the queues of all who get it.
func publish(t *testing.T, s *service.Service, subject string, v any, opts service.PublishOptions) {
	t.Helper()
	opts.Confirm = true
	ctx, cancel := context.WithTimeout(t.Context(), testnet.Patience)
	defer cancel()
	if err := s.PublishWith(ctx, subject, v, opts); err != nil {
		t.Fatalf("publish %s: %v", subject, err)
	}
}

// retain publishes a value that stays while its service is announced.
func retain(t *testing.T, s *service.Service, subject string, v any) {
	t.Helper()
	publish(t, s, subject, v, service.PublishOptions{Lifetime: service.WhileAnnounced})
}

// told keeps what a publisher is told of its subscribers.
type told struct {
	t      *testing.T
	events chan string
}

func tellOf(t *testing.T, s *service.Service) *told {
	n := &told{t: t, events: make(chan string, 1000)}
	s.OnSubscriber(func(e service.SubscriberEvent) {
		line := e.Kind.String()
		if a := e.Subscriber.Info.Address; !a.IsZero() {
			line += fmt.Sprintf(" %s %v", a, e.Subscriber.Patterns)
		}
		if e.Kind == service.Unsubscribed {
			line += " (" + e.Reason.String() + ")"
		}
		n.events <- line
	})
	return n
}

func (n *told) wants(lines ...string) {
	n.t.Helper()
	for _, want := range lines {
		if got := testnet.Receive(n.t, "the notice "+want, n.events); got != want {
			n.t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// pushed is a subscription whose reports and gaps a func takes, as lines.
type pushed struct {
	sub *service.Subscription

	mu    sync.Mutex
	lines []string
}

func (p *pushed) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.lines...)
}

func (p *pushed) note(r service.Report, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, reported(r, err))
}
