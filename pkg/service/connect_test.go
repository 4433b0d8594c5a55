package service_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestAddressesThatAreNone(t *testing.T) {
	for _, addr := range []string{"", "localhost", "a:b:c", "::1"} {
		if conn, err := service.Connect(t.Context(), addr, &service.Options{Background: true}); err == nil {
			conn.Close()
			t.Errorf("Connect(%q) took it", addr)
		}
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	for name, o := range map[string]service.Options{
		"negative timeout":      {Timeout: -1},
		"retries that shrink":   {RetryMin: 2, RetryMax: 1},
		"negative beat":         {Beat: -1},
		"negative fixed retry":  {RetryFixed: -1},
		"negative silence":      {Dead: -1},
		"negative first retry":  {RetryMin: -1},
		"negative last retry":   {RetryMax: -1},
		"negative suspect time": {Suspect: -1},
	} {
		o.Background = true
		if conn, err := service.Connect(t.Context(), "11111", &o); err == nil {
			conn.Close()
			t.Errorf("%s: Connect took it", name)
		}
	}
}

func TestHelloSaysWhoConnects(t *testing.T) {
	inBubbleWith(t, &service.Options{Program: "tester", Beat: time.Second, Suspect: 3 * time.Second}, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		h := p.hello
		if h.Process.PID == 0 || h.Process.Program != "tester" || h.Process.Started == 0 || h.Library == "" || h.BeatMS != 1000 {
			t.Errorf("hello is %+v", h)
		}
	})
}

// inBubbleWith is inBubble with options.
func inBubbleWith(t *testing.T, o *service.Options, f func(t *testing.T, s *script, conn *service.Conn, p *peer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		conn, p := s.connect(o)
		defer s.close(conn)
		f(t, s, conn, p)
	})
}

// TestRefusalsThatAreFinal are returned and not tried again.
func TestRefusalsThatAreFinal(t *testing.T) {
	var version *wire.VersionError
	tests := []struct {
		name  string
		bytes []byte
		is    func(error) bool
	}{
		{"denied", wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Bye{Code: wire.CodeDenied, Text: "who are you", Final: true}),
			func(err error) bool {
				return errors.Is(err, service.ErrDenied) && strings.Contains(err.Error(), "who are you")
			}},
		{"other version", append(wire.AppendPreface(nil)[:7], 9),
			func(err error) bool { return errors.As(err, &version) && version.Peer == 9 }},
		{"web server", []byte("HTTP/1.1 400 Bad Request\r\n\r\n"),
			func(err error) bool { return errors.Is(err, wire.ErrNotNetsvc) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dials := 0
				dial := func(context.Context) (net.Conn, error) {
					dials++
					near, far := link.Pipe()
					far.Write(tt.bytes)
					return near, nil
				}
				_, err := service.Connect(t.Context(), "script", &service.Options{Dial: dial})
				if !tt.is(err) || dials != 1 {
					t.Errorf("Connect = %v after %d attempts, want the refusal after one", err, dials)
				}
				conn, err := service.Connect(t.Context(), "script", &service.Options{Dial: dial, Background: true})
				if err != nil {
					t.Fatal(err)
				}
				<-conn.Done()
				if !tt.is(conn.Err()) || !tt.is(conn.Ready(t.Context())) {
					t.Errorf("in the background: Err = %v, Ready = %v", conn.Err(), conn.Ready(t.Context()))
				}
				conn.Close()
			})
		})
	}
}

// TestAnythingElseIsTriedAgain until it works.
func TestAnythingElseIsTriedAgain(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(s *script)
		code  wire.Code
	}{
		{"refused connection", func(s *script) { s.dialErr = errors.New("connection refused") }, wire.CodeUnreachable},
		{"busy exchange", func(s *script) { s.bye = &wire.Bye{Code: wire.CodeBusy, Text: "full"} }, wire.CodeBusy},
		{"exchange that shuts down", func(s *script) { s.bye = &wire.Bye{Code: wire.CodeDraining, Text: "soon"} }, wire.CodeDraining},
		{"silent exchange", func(s *script) { s.silent = true }, wire.CodeUnreachable},
		{"exchange with limits that cannot be", func(s *script) { s.welcome.Limits.MaxFrame = 100 }, wire.CodeUnreachable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScript(t)
				healthy := s.welcome
				tt.spoil(s)
				conn, err := service.Connect(t.Context(), "script", &service.Options{Background: true, Dial: s.dial})
				if err != nil {
					t.Fatal(err)
				}
				defer s.close(conn)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				wantFailure(t, conn.Ready(ctx), tt.code, wire.No)
				if n := s.dialled(); n < 2 {
					t.Errorf("%d attempts in 20 s, want more", n)
				}
				s.set(func() { s.dialErr, s.bye, s.silent, s.welcome = nil, nil, false, healthy })
				if err := conn.Ready(t.Context()); err != nil {
					t.Errorf("Ready = %v", err)
				}
			})
		})
	}
}

func TestConnectGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		s.dialErr = errors.New("connection refused")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		_, err := service.Connect(ctx, "script", &service.Options{Dial: s.dial})
		f := wantFailure(t, err, wire.CodeUnreachable, wire.No)
		if time.Since(began) != 10*time.Second || !strings.Contains(f.Description, "connection refused") {
			t.Errorf("Connect = %v after %v, want the cause after 10 s", err, time.Since(began))
		}
	})
}

func TestOnceTriesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		s.dialErr = errors.New("connection refused")
		_, err := service.Connect(t.Context(), "script", &service.Options{Dial: s.dial, Once: true})
		f := wantFailure(t, err, wire.CodeUnreachable, wire.No)
		if s.dialled() != 1 || !strings.Contains(f.Description, "connection refused") {
			t.Errorf("Connect = %v after %d attempts, want one", err, s.dialled())
		}
		s.set(func() {
			s.dialErr, s.bye = nil, &wire.Bye{Code: wire.CodeBusy, Text: "the exchange has its limit of 9 sessions"}
		})
		_, err = service.Connect(t.Context(), "script", &service.Options{Dial: s.dial, Once: true})
		if f := wantFailure(t, err, wire.CodeBusy, wire.No); !strings.Contains(f.Description, "limit of 9 sessions") {
			t.Errorf("description %q does not name the limit", f.Description)
		}
		<-s.peers
		s.set(func() { s.bye = nil })
		conn, p := s.connect(&service.Options{Once: true})
		defer s.close(conn)
		p.lose() // a link that has been up is made anew
		<-s.peers
		if err := conn.Ready(t.Context()); err != nil {
			t.Errorf("Ready = %v", err)
		}
	})
}

func TestFixedRetry(t *testing.T) { // the seed's connect(host, port, 5)
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		s.dialErr = errors.New("connection refused")
		conn, err := service.Connect(t.Context(), "script", &service.Options{Dial: s.dial, Background: true, RetryFixed: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer s.close(conn)
		time.Sleep(21 * time.Second)
		if n := s.dialled(); n != 5 {
			t.Errorf("%d attempts in 21 s, want 5", n)
		}
	})
}

func TestStatesAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		s.dialErr = errors.New("connection refused")
		conn, err := service.Connect(t.Context(), "script", &service.Options{Background: true, Dial: s.dial})
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		conn.OnState(func(up bool, err error) {
			if up {
				told = append(told, "up")
			} else {
				told = append(told, "down: "+err.Error())
			}
		})
		time.Sleep(10 * time.Second)
		s.set(func() { s.dialErr = nil })
		p := <-s.peers
		synctest.Wait()
		p.lose()
		<-s.peers
		synctest.Wait()
		s.close(conn)
		want := []string{"down: connection refused", "up", "down: EOF", "up", "down: service: closed"}
		if strings.Join(told, "; ") != strings.Join(want, "; ") {
			t.Errorf("told %q\nwant %q", told, want)
		}
	})
}

// TestFrozenExchange: beats go out, and silence ends the link at 14.5 s (F08, F09).
func TestFrozenExchange(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ended := start(t.Context(), conn.Endpoint("math"), "x")
		s.set(func() { s.dialErr = errors.New("frozen") })
		o := <-ended
		wantFailure(t, o.err, wire.CodeUnreachable, wire.Maybe)
		if o.after < 14*time.Second || o.after > 15*time.Second {
			t.Errorf("ended after %v, want about 14.5 s", o.after)
		}
	})
}

func TestOwnBeatTimes(t *testing.T) {
	inBubbleWith(t, &service.Options{Beat: 100 * time.Millisecond, Suspect: 300 * time.Millisecond, Dead: time.Second},
		func(t *testing.T, s *script, conn *service.Conn, p *peer) {
			o := <-start(t.Context(), conn.Endpoint("math"), "x")
			wantFailure(t, o.err, wire.CodeUnreachable, wire.Maybe)
			if o.after < 900*time.Millisecond || o.after > 1100*time.Millisecond {
				t.Errorf("ended after %v, want about 1 s", o.after)
			}
			<-s.peers
		})
}

// TestLivingExchange: beats of the exchange keep an idle link for an hour.
func TestLivingExchange(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		for range 1800 {
			p.send(wire.AppendHeader(nil, &wire.Header{Kind: wire.KindBeat}, 0))
			time.Sleep(2 * time.Second)
		}
		if n := s.dialled(); n != 1 || !conn.Connected() {
			t.Errorf("%d links in an hour, want one", n)
		}
	})
}

// TestCloseAtAnyMoment ends without hanging, and what was answered still goes out.
func TestCloseAtAnyMoment(t *testing.T) {
	tests := []struct {
		name string
		dial func(s *script) func(context.Context) (net.Conn, error)
	}{
		{"while dialling", func(*script) func(context.Context) (net.Conn, error) { return dialOf() }},
		{"while greeting", func(s *script) func(context.Context) (net.Conn, error) { s.silent = true; return s.dial }},
		{"while waiting to try again", func(s *script) func(context.Context) (net.Conn, error) {
			s.dialErr = io.EOF
			return s.dial
		}},
		{"while connected", func(s *script) func(context.Context) (net.Conn, error) { return s.dial }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScript(t)
				conn, err := service.Connect(t.Context(), "script", &service.Options{Background: true, Dial: tt.dial(s)})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(100 * time.Millisecond)
				began := time.Now()
				conn.Close()
				conn.Close()
				if d := time.Since(began); d > time.Second {
					t.Errorf("Close took %v", d)
				}
				<-conn.Done()
				if !errors.Is(conn.Err(), service.ErrClosed) || !errors.Is(conn.Ready(t.Context()), service.ErrClosed) {
					t.Errorf("Err = %v, Ready = %v, want ErrClosed", conn.Err(), conn.Ready(t.Context()))
				}
				_, err = conn.Endpoint("math").Call(t.Context(), "x")
				wantFailure(t, err, wire.CodeUnreachable, wire.No)
				if err := conn.Announce(t.Context(), service.New("math", nil)); !errors.Is(err, service.ErrClosed) {
					t.Errorf("Announce = %v, want ErrClosed", err)
				}
				if _, err := conn.Watch(service.WatchOptions{}); !errors.Is(err, service.ErrClosed) {
					t.Errorf("Watch = %v, want ErrClosed", err)
				}
				s.wg.Wait()
			})
		})
	}
}

func TestCloseEndsCallsAndSaysGoodbye(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ended := start(t.Context(), conn.Endpoint("math"), "x")
		p.bound("math")
		p.request()
		go conn.Close()
		if o := <-ended; !errors.Is(o.err, service.ErrUnreachable) {
			t.Errorf("Call = %v, want unreachable", o.err)
		}
		if b, _ := message[*wire.Bye](p, wire.KindBye); b.Reason != wire.ReasonClosed {
			t.Errorf("goodbye for %s, want closed", b.Reason)
		}
		p.lose()
		if n := conn.Stats().Lost; n != 0 {
			t.Errorf("%d links lost, want none", n)
		}
	})
}

func TestExchangeThatDrains(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		p.send(wire.AppendHeader(nil, &wire.Header{Kind: wire.KindDrain, TTL: 5000}, 0))
		ended := start(t.Context(), conn.Endpoint("math"), "x")
		p.bound("math")
		p.respond(p.request().ID, 3, nil) // calls go on
		if o := <-ended; o.err != nil {
			t.Errorf("Call = %v", o.err)
		}
		p.send(wire.AppendMessage(nil, 0, 0, &wire.Bye{Reason: wire.ReasonClosed, Text: "the exchange is shutting down"}))
		<-s.peers
		if err := conn.Ready(t.Context()); err != nil {
			t.Errorf("Ready = %v, want a new link", err)
		}
	})
}
