package service_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// subscribed takes a Subscribe and agrees to it.
func (p *peer) subscribed() *wire.Subscribe {
	p.t.Helper()
	m, f := message[*wire.Subscribe](p, wire.KindSubscribe)
	p.done(f)
	return m
}

// report is one that a scripted exchange sends.
type report struct {
	subject   string
	value     any    // int64, text, ...; a value.Raw goes as it is
	publisher uint32 // zero means 3
	retained  bool
}

const testReportTime = 1_700_000_000_000

func appendReport(t testing.TB, dst []byte, subscription uint32, r report) []byte {
	t.Helper()
	h := wire.Header{Kind: wire.KindReport, ID: uint64(subscription), Target: max(r.publisher, 3)}
	if r.retained {
		h.Flags = wire.FlagRetained
	}
	published, ok := wire.AppendPublish(nil, &wire.Publish{}, r.subject)
	if !ok {
		t.Fatalf("no subject: %q", r.subject)
	}
	published, err := value.Append(published, r.value)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := wire.ParsePublish(published)
	if err != nil {
		t.Fatal(err)
	}
	body := wire.AppendReportHead(nil, testReportTime, "clock")
	return wire.AppendFrame(dst, &h, append(body, parsed.Tail...))
}

// reports sends reports of a subscription in one write.
func (p *peer) reports(subscription uint32, reports ...report) {
	p.t.Helper()
	var frames []byte
	for _, r := range reports {
		frames = appendReport(p.t, frames, subscription, r)
	}
	p.send(frames)
}

func (p *peer) gap(subscription uint32, count uint64) {
	p.t.Helper()
	p.send(wire.AppendGap(nil, uint64(subscription), count))
}

func (p *peer) notice(subscription uint32, kind wire.NoticeKind) {
	p.t.Helper()
	p.send(wire.AppendMessage(nil, uint64(subscription), 0, &wire.Notice{Kind: kind}))
}

// published is a Publish as the exchange reads it.
type published struct {
	frame
	wire.Publish
	value any
}

func (p published) String() string {
	return fmt.Sprintf("%s=%v lifetime %d age %d to %d", p.Subject, p.value, p.Lifetime, p.AgeMS, p.To)
}

func (p *peer) published() published {
	p.t.Helper()
	f := p.expect(wire.KindPublish)
	m, err := wire.ParsePublish(f.body)
	if err != nil {
		p.t.Fatal(err)
	}
	v, err := value.Decode(m.Value)
	if err != nil {
		p.t.Fatal(err)
	}
	return published{frame: f, Publish: m, value: v}
}

// line is a report or a gap as a test reads it.
func line(r service.Report, err error) string {
	var gap *service.GapError
	switch {
	case errors.As(err, &gap) && gap.Unknown:
		return "gap ?"
	case errors.As(err, &gap):
		return fmt.Sprintf("gap %d", gap.Count)
	case err != nil:
		return err.Error()
	}
	text := fmt.Sprintf("%s %s %v", r.Publisher, r.Subject, r.Value())
	if r.Retained {
		text += " retained"
	}
	return text
}

// drain reads a subscription until nothing has come for a while, or it has ended.
func drain(t *testing.T, sub *service.Subscription) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	var lines []string
	for r, err := range sub.Reports(ctx) {
		lines = append(lines, line(r, err))
	}
	return lines
}

// subscribe begins a subscription to the reports of the clock.
func subscribe(t *testing.T, conn *service.Conn, opts service.SubscribeOptions) *service.Subscription {
	t.Helper()
	if opts.Group == "" && opts.Address.IsZero() && opts.Service == "" {
		opts.Service = "clock"
	}
	sub, err := conn.Subscribe(opts)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// wantText checks that a text has parts.
func wantText(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
}

// logbook keeps what is logged.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logbook) logger() *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

func (b *logbook) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *logbook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
