package service_test

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// background makes a Conn that connects later.
func background(t *testing.T, s *script) *service.Conn {
	t.Helper()
	conn, err := service.Connect(t.Context(), "script", &service.Options{Background: true, Dial: s.dial})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// serveAsync runs Serve in the background of a test.
func serveAsync(ctx context.Context, t *testing.T, s *script, services ...*service.Service) <-chan error {
	t.Helper()
	conn := background(t, s)
	result := make(chan error, 1)
	go func() { result <- service.Serve(ctx, conn, service.Grace, services...) }()
	return result
}

// TestServeUntilItsContextEnds: it starts before the exchange, and drains at the end.
func TestServeUntilItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		s.dialErr = errors.New("connection refused")
		ctx, cancel := context.WithCancel(t.Context())
		svc, g := bubbleGate(nil)
		result := serveAsync(ctx, t, s, svc)
		time.Sleep(time.Minute)
		s.set(func() { s.dialErr = nil })
		p := <-s.peers
		handle := p.announced(3).Handle
		p.deliver(delivery{id: 1, instance: handle, method: "block", args: []any{"a"}})
		<-g.started
		cancel()
		w, f := message[*wire.Withdraw](p, wire.KindWithdraw)
		if w.Reason != wire.ReasonDrained {
			t.Errorf("withdrawn for %s, want drained", w.Reason)
		}
		p.done(f)
		close(g.release)
		if a := p.answerTo(1); a.value != "a" {
			t.Errorf("the call in flight got %v, %v", a.value, a.failure)
		}
		p.expect(wire.KindBye)
		p.lose()
		if err := <-result; err != nil {
			t.Errorf("Serve = %v, want nil", err)
		}
		s.wg.Wait()
	})
}

func TestServeReturnsWhatCannotBe(t *testing.T) {
	tests := []struct {
		name    string
		svc     func() *service.Service
		script  func(s *script, p func() *peer)
		says    string
		refused error
	}{
		{name: "bad service", svc: func() *service.Service { return service.New("a b", nil) }, says: "service name"},
		{name: "refused service", svc: func() *service.Service { return service.New("math", nil) },
			script: func(_ *script, p func() *peer) {
				peer := p()
				_, f := message[*wire.Announce](peer, wire.KindAnnounce)
				peer.refuse(f, wire.Failf(wire.CodeDenied, wire.No, "not you"))
			}, says: "not you", refused: service.ErrDenied},
		{name: "refused process", svc: func() *service.Service { return service.New("math", nil) },
			script: func(s *script, p func() *peer) {
				s.set(func() { s.bye = &wire.Bye{Code: wire.CodeDenied, Text: "nobody", Final: true} })
				p().lose()
			}, says: "nobody", refused: service.ErrDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScript(t)
				result := serveAsync(t.Context(), t, s, tt.svc())
				if tt.script != nil {
					tt.script(s, func() *peer { return <-s.peers })
				}
				err := <-result
				if err == nil || !strings.Contains(err.Error(), tt.says) || tt.refused != nil && !errors.Is(err, tt.refused) {
					t.Errorf("Serve = %v, want one that says %q", err, tt.says)
				}
				s.wg.Wait()
			})
		})
	}
}

// TestRunDrainsOnSignals runs in real time, since signals know no bubble: the first drains,
// the second cuts short.
func TestRunDrainsOnSignals(t *testing.T) {
	testnet.LeakCheck(t)
	s := newScript(t)
	hung := make(chan struct{})
	svc := service.New("math", nil)
	svc.Export("hang", func() { close(hung); <-t.Context().Done() }, nil)
	conn := background(t, s)
	result := make(chan error, 1)
	go func() { result <- service.RunConn(t.Context(), conn, time.Hour, svc) }()
	p := <-s.peers
	handle := p.announced(3).Handle
	p.deliver(delivery{id: 1, instance: handle, method: "hang"})
	<-hung
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.done(p.expect(wire.KindWithdraw)) // it drains
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var second *service.SignalError
	if err := testnet.Receive(t, "the end of RunConn", result); !errors.As(err, &second) || second.Signal != syscall.SIGTERM {
		t.Errorf("RunConn = %v, want a SignalError of SIGTERM", err)
	}
	s.wg.Wait()
}

// TestRunCountsASignalOnce: after a context has ended the serving, one signal may be the very
// one that did it, for a program that uses signal.NotifyContext. It is not a second one.
func TestRunCountsASignalOnce(t *testing.T) {
	testnet.LeakCheck(t)
	s := newScript(t)
	ctx, cancel := context.WithCancel(t.Context())
	seen := make(chan os.Signal, 1)
	signal.Notify(seen, syscall.SIGTERM)
	defer signal.Stop(seen)
	started, release := make(chan struct{}), make(chan struct{})
	svc := service.New("math", nil)
	svc.Export("slow", func() string { close(started); <-release; return "done" }, nil)
	conn := background(t, s)
	result := make(chan error, 1)
	go func() { result <- service.RunConn(ctx, conn, time.Hour, svc) }()
	p := <-s.peers
	handle := p.announced(3).Handle
	p.deliver(delivery{id: 1, instance: handle, method: "slow"})
	<-started
	cancel()
	p.done(p.expect(wire.KindWithdraw)) // it drains
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	testnet.Receive(t, "the signal", seen)
	close(release)
	if a := p.answerTo(1); a.value != "done" {
		t.Errorf("the call in flight got %v, %v", a.value, a.failure)
	}
	p.expect(wire.KindBye)
	if err := testnet.Receive(t, "the end of RunConn", result); err != nil {
		t.Errorf("RunConn = %v, want nil", err)
	}
	s.wg.Wait()
}
