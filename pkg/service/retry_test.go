package service_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// The laws by which a failure is retried, beside never.
const (
	onlyNo  = "when it was not delivered"
	ifSafe  = "when it was not delivered, or the method is idempotent"
	notEver = "never"
)

// retryLaw is the contract, written down a second time.
var retryLaw = map[wire.Code]string{
	wire.CodeUnknown: onlyNo, wire.CodeNoService: onlyNo, wire.CodeBusy: onlyNo, wire.CodeDraining: onlyNo,
	wire.CodeTimeout: ifSafe, wire.CodeLost: ifSafe, wire.CodeUnreachable: ifSafe,
	wire.CodeEncodeArgs: notEver, wire.CodeEncodeValue: notEver, wire.CodeDecodeArgs: notEver, wire.CodeDecodeValue: notEver,
	wire.CodeNoMethod: notEver, wire.CodeBadParams: notEver, wire.CodeApplication: notEver, wire.CodeAborted: notEver,
	wire.CodeCanceled: notEver, wire.CodeDenied: notEver, wire.CodeTooLarge: notEver, wire.Code(99): notEver,
}

func TestWhatIsRetried(t *testing.T) {
	for code, law := range retryLaw {
		for _, d := range []wire.Delivered{wire.No, wire.Maybe, wire.Yes} {
			for _, idempotent := range []bool{false, true} {
				again := law == onlyNo && d == wire.No || law == ifSafe && (d == wire.No || idempotent)
				t.Run(fmt.Sprintf("%d %s, %s, idempotent %t", code, code, d, idempotent), func(t *testing.T) {
					checkRetried(t, code, d, idempotent, again)
				})
			}
		}
	}
}

// checkRetried has a first attempt fail, and the second one, if there is one, succeed.
func checkRetried(t *testing.T, code wire.Code, d wire.Delivered, idempotent, again bool) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		marked := signed(t, idempotent)
		ended := start(t.Context(), conn.Endpoint("math").With(service.CallOptions{Retry: &service.Retry{}}), "x")
		p.present("math", marked)
		p.describes(marked.Hash, idempotent)
		p.bound("math")
		first := p.request()
		p.fail(first.ID, 3, wire.Failf(code, d, "the first"))
		if !again {
			if f := wantFailure(t, (<-ended).err, code, d); f.Attempts != 1 {
				t.Errorf("%d attempts, want 1", f.Attempts)
			}
			p.quiet()
			return
		}
		second := p.request()
		if second.ID == first.ID || second.method != "x" {
			t.Errorf("the second request is %+v", second)
		}
		p.respond(second.ID, 4, "done")
		if o := <-ended; o.err != nil || o.value != "done" {
			t.Errorf("Call = %v, %v, want done", o.value, o.err)
		}
	})
}

// signatures are those of a service with the method x.
func signatures(t testing.TB, idempotent bool) []byte {
	t.Helper()
	blob, err := value.EncodeMethods([]value.Signature{{Name: "x", Idempotent: idempotent}})
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

// signed is an instance that has them.
func signed(t *testing.T, idempotent bool) *wire.Info {
	t.Helper()
	i := info(3, "math")
	i.Hash = value.HashMethods(signatures(t, idempotent))
	return i
}

// describes answers the question for the signatures of a hash.
func (p *peer) describes(hash [wire.HashSize]byte, idempotent bool) {
	p.t.Helper()
	d, f := message[*wire.Describe](p, wire.KindDescribe)
	if d.Hash != hash || d.Target != "" {
		p.t.Fatalf("asked to describe %+v, want the hash", d)
	}
	p.send(wire.AppendMessage(nil, f.ID, 0, &wire.Described{Hash: hash, Methods: signatures(p.t, idempotent)}))
}

// unsafely is for tests in which the caller says what is idempotent.
func unsafely(r service.Retry) service.CallOptions {
	r.Idempotent = true
	return service.CallOptions{Retry: &r}
}

// TestEveryWayToCallRetries a request that was not delivered.
func TestEveryWayToCallRetries(t *testing.T) {
	ways := map[string]func(ctx context.Context, e *service.Endpoint) error{
		"Call": func(ctx context.Context, e *service.Endpoint) error { _, err := e.Call(ctx, "x"); return err },
		"typed": func(ctx context.Context, e *service.Endpoint) error {
			_, err := service.Call[any](ctx, e, "x")
			return err
		},
		"CallRaw": func(ctx context.Context, e *service.Endpoint) error {
			_, err := e.CallRaw(ctx, "x", nil, nil)
			return err
		},
		"Go":      func(ctx context.Context, e *service.Endpoint) error { _, err := e.Go(ctx, "x").Result(); return err },
		"Send":    func(ctx context.Context, e *service.Endpoint) error { return e.Send(ctx, "x") },
		"SendRaw": func(ctx context.Context, e *service.Endpoint) error { return e.SendRaw(ctx, "x", nil, nil) },
		"Stream": func(ctx context.Context, e *service.Endpoint) error {
			for _, err := range e.Stream(ctx, "x") {
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	for name, call := range ways {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				ended := make(chan error, 1)
				go func() { ended <- call(t.Context(), conn.Endpoint("math").With(unsafely(service.Retry{}))) }()
				p.bound("math")
				p.fail(p.request().ID, 0, wire.Failf(wire.CodeBusy, wire.No, "busy"))
				p.respond(p.request().ID, 3, nil)
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestAStreamIsNotBegunAgain once its caller has got something of it.
func TestAStreamIsNotBegunAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		var got []any
		ended := make(chan error, 1)
		go func() {
			for v, err := range conn.Endpoint("math").With(unsafely(service.Retry{})).Stream(t.Context(), "x") {
				if err != nil {
					ended <- err
					return
				}
				got = append(got, v)
			}
		}()
		p.bound("math")
		id := p.request().ID
		encoded, err := value.Marshal(int64(1))
		if err != nil {
			t.Fatal(err)
		}
		p.send(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResult, ID: id, Target: 3}, encoded))
		synctest.Wait()
		p.fail(id, 3, wire.Failf(wire.CodeLost, wire.Yes, "died"))
		wantFailure(t, <-ended, wire.CodeLost, wire.Yes)
		if fmt.Sprint(got) != "[1]" {
			t.Errorf("got %v, want the one result", got)
		}
		p.quiet()
	})
}

// TestLastFailureSpeaksForAllAttempts: what may have run in an earlier one may have run.
func TestLastFailureSpeaksForAllAttempts(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ended := start(t.Context(), conn.Endpoint("math").With(unsafely(service.Retry{Attempts: 3})), "x")
		p.bound("math")
		p.fail(p.request().ID, 3, wire.Failf(wire.CodeLost, wire.Maybe, "died"))
		p.fail(p.request().ID, 0, wire.Failf(wire.CodeBusy, wire.No, "busy"))
		p.fail(p.request().ID, 0, wire.Failf(wire.CodeBusy, wire.No, "still busy"))
		f := wantFailure(t, (<-ended).err, wire.CodeBusy, wire.Maybe)
		if f.Attempts != 3 || f.Description != "still busy" {
			t.Errorf("the failure is %q after %d attempts, want the last of 3", f.Description, f.Attempts)
		}
		p.quiet()
	})
}

// TestPausesAreRandomBelowABoundThatDoubles by the time each attempt comes at.
func TestPausesAreRandomBelowABoundThatDoubles(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		retry := service.Retry{Min: 100 * time.Millisecond, Max: 300 * time.Millisecond, Attempts: 6}
		ended := start(t.Context(), conn.Endpoint("math").With(unsafely(retry)), "x")
		p.bound("math")
		last := time.Now()
		for i, bound := range []time.Duration{0, 100, 200, 300, 300, 300} {
			r := p.request()
			if waited := time.Since(last); waited > bound*time.Millisecond+1 || i > 0 && waited == 0 {
				t.Errorf("attempt %d came after %v, want up to %v", i+1, waited, bound*time.Millisecond)
			}
			last = time.Now()
			p.fail(r.ID, 0, wire.Failf(wire.CodeBusy, wire.No, "busy"))
		}
		wantFailure(t, (<-ended).err, wire.CodeBusy, wire.No)
	})
}

// TestRetriesEndWithTheDeadline, and with the last failure, not with a timeout made by waiting.
func TestRetriesEndWithTheDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ended := start(ctx, conn.Endpoint("math").With(unsafely(service.Retry{Min: 200 * time.Millisecond})), "x")
		p.bound("math")
		attempts := 0
		var o outcome
		for ended != nil {
			select {
			case o = <-ended:
				ended = nil
			case f := <-p.frames:
				attempts++
				p.fail(f.ID, 0, wire.Failf(wire.CodeNoService, wire.No, "nobody"))
			}
		}
		f := wantFailure(t, o.err, wire.CodeNoService, wire.No)
		if f.Attempts != attempts || attempts < 2 || o.after > time.Second {
			t.Errorf("%d attempts of %d, after %v; want some within 1s", f.Attempts, attempts, o.after)
		}
	})
}

func TestCancelEndsAPause(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := start(ctx, conn.Endpoint("math").With(unsafely(service.Retry{Min: 8 * time.Second, Max: 8 * time.Second})), "x")
		p.bound("math")
		p.fail(p.request().ID, 3, wire.Failf(wire.CodeLost, wire.Maybe, "died"))
		synctest.Wait()
		cancel()
		if o := <-ended; o.after != 0 {
			t.Errorf("the call ended after %v, want at once", o.after)
		} else if f := wantFailure(t, o.err, wire.CodeCanceled, wire.Maybe); f.Attempts != 1 {
			t.Errorf("%d attempts, want 1", f.Attempts)
		}
	})
}

// TestAnAttemptHasItsOwnTime, so that one that hangs leaves some for another.
func TestAnAttemptHasItsOwnTime(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ended := start(t.Context(), conn.Endpoint("math").With(unsafely(service.Retry{AttemptTimeout: time.Second})), "x")
		p.bound("math")
		r := p.request()
		if r.TTL != 1000 {
			t.Errorf("the attempt has %d ms, want 1000", r.TTL)
		}
		p.fail(r.ID, 3, wire.Failf(wire.CodeTimeout, wire.Maybe, "the deadline passed"))
		p.respond(p.request().ID, 4, nil)
		if o := <-ended; o.err != nil {
			t.Error(o.err)
		}
	})
}

// TestRetryWaitsForTheLink and costs nothing meanwhile.
func TestRetryWaitsForTheLink(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		p.lose()
		s.set(func() { s.dialErr = errors.New("nobody there") })
		synctest.Wait()
		ended := start(t.Context(), conn.Endpoint("math").With(unsafely(service.Retry{Attempts: 3})), "x")
		time.Sleep(10 * time.Second)
		s.set(func() { s.dialErr = nil })
		p = <-s.peers
		p.bound("math")
		p.respond(p.request().ID, 3, nil)
		if o := <-ended; o.err != nil || o.after < 10*time.Second {
			t.Errorf("ended with %v after %v, want a result after the link came", o.err, o.after)
		}
	})
}

// TestAnAddressIsNotWaitedFor: nobody ever gets it again.
func TestAnAddressIsNotWaitedFor(t *testing.T) {
	for _, f := range []*wire.Failure{
		wire.Failf(wire.CodeNoService, wire.No, "gone"), wire.Failf(wire.CodeLost, wire.No, "died"),
	} {
		t.Run(f.Code.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				ended := start(t.Context(), conn.Endpoint("math@3").With(unsafely(service.Retry{})), "x")
				p.bound("math@3")
				p.fail(p.request().ID, 3, f)
				wantFailure(t, (<-ended).err, f.Code, wire.No)
				p.quiet()
			})
		})
	}
}

// TestAfterLostNotTheSameInstance, though the copy of the registry still has it.
func TestAfterLostNotTheSameInstance(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		opts := unsafely(service.Retry{})
		opts.Pick = service.First
		ended := start(t.Context(), conn.Endpoint("math").With(opts), "x")
		p.present("math", info(3, "math"), info(4, "math"))
		p.bound("math@3")
		p.fail(p.request().ID, 3, wire.Failf(wire.CodeLost, wire.Maybe, "died"))
		p.bound("math@4")
		p.respond(p.request().ID, 4, nil)
		if o := <-ended; o.err != nil {
			t.Error(o.err)
		}
	})
}

// dying is a service whose instances die the first time one of them runs step.
type dying struct {
	runs atomic.Int32
	die  func()
}

func (d *dying) service(opts *service.MethodOptions) *service.Service {
	s := service.New("math", nil)
	s.Export("step", func(ctx context.Context) int32 {
		n := d.runs.Add(1)
		if n == 1 {
			d.die()
			<-ctx.Done()
		}
		return n
	}, opts)
	return s
}

// TestWhatRunsTwice on real instances of which the first dies in the call: only what all of
// them mark idempotent, or what the caller says is.
func TestWhatRunsTwice(t *testing.T) {
	twice := &service.MethodOptions{Idempotent: true}
	for _, tt := range []struct {
		name          string
		first, second *service.MethodOptions
		retry         service.Retry
		runs          int32
	}{
		{"both mark it", twice, twice, service.Retry{}, 2},
		{"none marks it", nil, nil, service.Retry{}, 1},
		{"read-only is not the mark", &service.MethodOptions{ReadOnly: true}, &service.MethodOptions{ReadOnly: true}, service.Retry{}, 1},
		{"only the old one marks it", twice, nil, service.Retry{}, 1},
		{"only the new one marks it", nil, twice, service.Retry{}, 1},
		{"the caller says so", nil, nil, service.Retry{Idempotent: true}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d dying
				host, conn := pairUp(t, d.service(tt.first))
				d.die = func() { go host.Close() }
				other := d.service(tt.second)
				_, err := conn.Endpoint("math").Call(t.Context(), "system.ping")
				if err != nil {
					t.Fatal(err)
				}
				if err := conn.Announce(t.Context(), other); err != nil {
					t.Fatal(err)
				}
				e := conn.Endpoint("math").With(service.CallOptions{Retry: &tt.retry, Choose: hostOf(host)})
				_, err = e.Call(t.Context(), "step")
				if (err == nil) != (tt.runs == 2) {
					t.Errorf("Call = %v, want a result only from the second run", err)
				}
				if got := d.runs.Load(); got != tt.runs {
					t.Errorf("ran %d times, want %d", got, tt.runs)
				}
			})
		})
	}
}

// hostOf chooses the instances of one connection while there are any.
func hostOf(host *service.Conn) func([]service.Info) int {
	number := host.Address().Number
	return func(list []service.Info) int {
		for i, info := range list {
			if info.Session == number {
				return i
			}
		}
		return 0
	}
}
