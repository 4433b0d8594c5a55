package service_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// keeper is a service whose method wait keeps its requests.
func keeper(opts *service.ServiceOptions) (*service.Service, chan *service.Kept) {
	all := make(chan *service.Kept, 100)
	svc := service.New("math", opts)
	svc.Export("wait", func(ctx context.Context) { all <- service.Keep(ctx) }, nil)
	svc.Export("now", func() int { return 1 }, nil)
	return svc, all
}

func TestKeptRequestIsAnsweredLaterAndOnce(t *testing.T) {
	svc, all := keeper(&service.ServiceOptions{Serial: true})
	tests := []struct {
		name   string
		answer func(k *service.Kept) error
		value  any
		code   wire.Code
		err    error
	}{
		{"a result", func(k *service.Kept) error { return k.Answer("later") }, "later", 0, nil},
		{"a failure", func(k *service.Kept) error { return k.Fail(service.Fail(17, "no paper")) }, nil, wire.CodeApplication, nil},
		{"no reason", func(k *service.Kept) error { return k.Fail(nil) }, nil, wire.CodeAborted, nil},
		{"a result that cannot travel", func(k *service.Kept) error { return k.Answer(make(chan int)) }, nil, wire.CodeEncodeValue, service.ErrEncode},
	}
	serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		for i, tt := range tests {
			id := uint64(i)
			p.deliver(delivery{id: id, instance: handle, method: "wait"})
			k := <-all
			p.deliver(delivery{id: 50, instance: handle, method: "now"}) // the one place is free
			p.answerTo(50)
			p.quiet()
			if err := k.Context().Err(); err != nil {
				t.Errorf("%s: the context has ended: %v", tt.name, err)
			}
			if err := tt.answer(k); !errors.Is(err, tt.err) {
				t.Errorf("%s: answering = %v, want %v", tt.name, err, tt.err)
			}
			a := p.answerTo(id)
			if tt.code != 0 {
				wantFailure(t, a.failure, tt.code, wire.Yes)
			} else if a.value != tt.value {
				t.Errorf("%s: answer %v, want %v", tt.name, a.value, tt.value)
			}
			if one, two := k.Answer(1), k.Fail(errors.New("no")); one != service.ErrAnswered || two != service.ErrAnswered {
				t.Errorf("%s: answered again: %v, %v, want %v", tt.name, one, two, service.ErrAnswered)
			}
			synctest.Wait()
			if k.Context().Err() == nil {
				t.Errorf("%s: the context goes on", tt.name)
			}
			p.quiet()
		}
	})
}

// TestKeptRequestEndsWithWhatItDependsOn: its slot is given back at once.
func TestKeptRequestEndsWithWhatItDependsOn(t *testing.T) {
	tests := []struct {
		name string
		end  func(conn *service.Conn, p *peer, svc *service.Service)
		code wire.Code
	}{
		{"the caller gives up", func(_ *service.Conn, p *peer, _ *service.Service) { p.cancel(5, false) }, wire.CodeCanceled},
		{"the deadline passes", func(_ *service.Conn, p *peer, _ *service.Service) { p.cancel(5, true) }, wire.CodeTimeout},
		{"the connection is closed", func(conn *service.Conn, _ *peer, _ *service.Service) { conn.Close() }, wire.CodeAborted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			svc, all := keeper(nil)
			serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
				p.deliver(delivery{id: 5, instance: handle, method: "wait"})
				k := <-all
				synctest.Wait()
				tt.end(conn, p, svc)
				wantFailure(t, p.answerTo(5).failure, tt.code, wire.Yes)
				if err := k.Answer(1); err != service.ErrAnswered {
					t.Errorf("Answer = %v, want %v", err, service.ErrAnswered)
				}
			})
		})
	}
}

func TestHandlersThatKeepAndThen(t *testing.T) {
	tests := []struct {
		name string
		then func(k *service.Kept) error
		code wire.Code
	}{
		{"fail", func(*service.Kept) error { return errors.New("no") }, wire.CodeApplication},
		{"panic", func(*service.Kept) error { panic("no") }, wire.CodeApplication},
		{"end their goroutine", func(*service.Kept) error { runtime.Goexit(); return nil }, wire.CodeAborted},
		{"answer at once", func(k *service.Kept) error { return k.Answer(1) }, 0},
		{"keep again", func(k *service.Kept) error { service.Keep(k.Context()); return nil }, wire.CodeApplication},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			svc := service.New("math", nil)
			var k *service.Kept
			svc.Export("wait", func(ctx context.Context) error { k = service.Keep(ctx); return tt.then(k) }, nil)
			serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
				p.deliver(delivery{id: 5, instance: handle, method: "wait"})
				a := p.answerTo(5)
				if tt.code == 0 && a.failure != nil {
					t.Errorf("answer %v, want a result", a.failure)
				} else if tt.code != 0 {
					wantFailure(t, a.failure, tt.code, wire.Yes)
				}
				synctest.Wait()
				p.quiet()
				if k.Context().Err() == nil {
					t.Error("the context goes on")
				}
			})
		})
	}
}

func TestKeepWantsARunningHandler(t *testing.T) {
	var left context.Context
	svc := service.New("math", nil)
	svc.Export("leak", func(ctx context.Context) { left = ctx }, nil)
	serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		p.deliver(delivery{id: 5, instance: handle, method: "leak"})
		p.answerTo(5)
		for name, ctx := range map[string]context.Context{"another context": t.Context(), "a handler that has returned": left} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: Keep did not panic", name)
					}
				}()
				service.Keep(ctx)
			}()
		}
	})
}

// TestForgottenRequestIsAborted runs in real time: the garbage collector knows no other.
func TestForgottenRequestIsAborted(t *testing.T) {
	testnet.LeakCheck(t)
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	svc := service.New("math", nil)
	kept := make(chan struct{})
	svc.Export("wait", func(ctx context.Context) { service.Keep(ctx); close(kept) }, nil)
	conn := connectTo(t, ex)
	defer conn.Close()
	if err := conn.Announce(t.Context(), svc); err != nil {
		t.Fatal(err)
	}
	ended := start(t.Context(), conn.Endpoint("math"), "wait")
	<-kept
	var o outcome
	testnet.WaitFor(t, "the garbage collector to find the request", func() bool {
		runtime.GC()
		select {
		case o = <-ended:
			return true
		default:
			return false
		}
	})
	wantFailure(t, o.err, wire.CodeAborted, wire.Yes)
}

func TestKeptRequestsThroughAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc, all := keeper(nil)
		_, conn := pairUp(t, svc)
		ended := start(t.Context(), conn.Endpoint("math"), "wait")
		k := <-all
		time.Sleep(10 * time.Second)
		if err := k.Answer(12); err != nil {
			t.Fatal(err)
		}
		if o := <-ended; o.err != nil || o.value != int64(12) || o.after != 10*time.Second {
			t.Errorf("Call = %v, %v after %v, want 12 after 10s", o.value, o.err, o.after)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ended = start(ctx, conn.Endpoint("math"), "wait")
		k = <-all
		wantFailure(t, (<-ended).err, wire.CodeTimeout, wire.Maybe)
		<-k.Context().Done()
	})
}
