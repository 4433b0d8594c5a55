package link_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/wire"
)

// The far end has sent what nobody has read and has not read what was sent to it. A plain
// Close of a TCP connection would then destroy all that, and the Bye.
func TestCloseAfterLetsThePeerReadEverything(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		l := link.New(near, link.Options{Outbox: 64 << 20})
		closing := make(chan struct{})
		r := &recorder{on: func(*wire.Header, []byte) error {
			l.CloseAfter(frame("bye"), errBecause)
			close(closing)
			return nil
		}}
		backlog := bytes.Repeat([]byte("backlog "), 2<<20) // 16 MiB
		l.AppendBytes(backlog)
		l.FlushNow()
		send(t, far, session(make([]string, 5000)...))
		ended := start(t, l, r)
		testnet.Receive(t, "CloseAfter", closing)
		receive(t, far, append(backlog, frame("bye")...))
		if n, err := far.Read(make([]byte, 1)); err != io.EOF && !isPlain(near) {
			t.Errorf("behind the Bye: %d bytes, %v, want the end of the stream", n, err)
		}
		far.Close()
		if err := end(t, ended); err != errBecause {
			t.Errorf("Run = %v, want %v", err, errBecause)
		}
	})
}

// isPlain reports whether c cannot end one direction only; its peer has to close first.
func isPlain(c net.Conn) bool {
	_, ok := c.(interface{ CloseWrite() error })
	return !ok
}

func TestCloseAfterFromAnotherGoroutineWhileReading(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		l := link.New(near, link.Options{})
		r := &recorder{}
		ended := start(t, l, r)
		far.Write(session("one"))
		testnet.WaitFor(t, "the frame", func() bool { return len(r.got()) == 1 })
		l.CloseAfter(frame("bye"), errBecause)
		if l.Err() != errBecause {
			t.Errorf("Err = %v at once, want %v", l.Err(), errBecause)
		}
		testnet.Receive(t, "Done", l.Done())
		if got := l.AppendBytes([]byte("x")); got != link.Closed {
			t.Errorf("append = %v, want Closed", got)
		}
		l.Close(errors.New("to be sure")) // must not cut it short
		receive(t, far, frame("bye"))
		far.Close()
		if err := end(t, ended); err != errBecause {
			t.Errorf("Run = %v, want %v", err, errBecause)
		}
	})
}

func TestCloseAfterIgnoresTheBound(t *testing.T) {
	near, far := memoryPair(t)
	l := link.New(near, link.Options{Outbox: 100})
	l.AppendBytes(bytes.Repeat([]byte("x"), 100))
	l.CloseAfter(frame("bye"), nil)
	ended := start(t, l, &recorder{})
	receive(t, far, append(bytes.Repeat([]byte("x"), 100), frame("bye")...))
	far.Close()
	if err := end(t, ended); err != link.ErrClosed {
		t.Errorf("Run = %v, want ErrClosed", err)
	}
}

func TestCloseAfterWithoutARunIsEndedByClose(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		l := link.New(near, link.Options{})
		l.CloseAfter(frame("bye"), errBecause)
		receive(t, far, frame("bye"))
		l.Close(nil)
		if _, err := near.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the connection reads %v, want it closed", err)
		}
	})
}

func TestAbortCutsACloseAfterShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		l := link.New(near, link.Options{})
		ended := start(t, l, &recorder{})
		began := time.Now()
		l.CloseAfter(frame("bye"), errBecause)
		synctest.Wait() // Run waits for the peer to close
		l.Close(nil)
		time.Sleep(time.Second / 4)
		l.Abort(errors.New("too late"))
		if err := <-ended; err != errBecause || time.Since(began) != time.Second/4 {
			t.Errorf("Run = %v after %v, want the first reason when aborted", err, time.Since(began))
		}
		receive(t, far, frame("bye"))
	})
}

func TestCloseAfterBehindClose(t *testing.T) {
	near, far := memoryPair(t)
	l := link.New(near, link.Options{})
	l.Close(errBecause)
	l.CloseAfter(frame("bye"), errors.New("too late"))
	if err := l.Run(&recorder{}); err != errBecause {
		t.Errorf("Run = %v, want the first reason", err)
	}
	if b, _ := io.ReadAll(far); len(b) != 0 {
		t.Errorf("%d bytes were sent behind Close", len(b))
	}
}

func TestBothEndsMayCloseAfter(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		a, b := link.New(near, link.Options{}), link.New(far, link.Options{})
		a.CloseAfter(session("bye"), errBecause)
		b.CloseAfter(session("bye"), errBecause)
		endedA, endedB := start(t, a, &recorder{}), start(t, b, &recorder{})
		if err := end(t, endedA); err != errBecause {
			t.Errorf("Run = %v, want %v", err, errBecause)
		}
		if err := end(t, endedB); err != errBecause {
			t.Errorf("Run = %v, want %v", err, errBecause)
		}
	})
}

func TestOnEndSaysWhyAndMayStillSayGoodbye(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		var l *link.Link
		var reasons []error
		l = link.New(near, link.Options{OnEnd: func(reason error) {
			reasons = append(reasons, reason)
			l.CloseAfter(frame("bye"), reason)
		}})
		ended := start(t, l, &recorder{})
		far.Write(append(session(), "\xff\xff\xff\xff"...))
		receive(t, far, frame("bye"))
		far.Close()
		err := end(t, ended)
		var limit *wire.FrameLimitError
		if !errors.As(err, &limit) {
			t.Errorf("Run = %v, want the frame's limit", err)
		}
		if len(reasons) != 1 || reasons[0] != err {
			t.Errorf("OnEnd got %v, want %v once", reasons, err)
		}
	})
}

// Times of an ending, with a peer that does not do its part.
func TestCloseAfterWaitsASecondAtMost(t *testing.T) {
	tests := []struct {
		name string
		peer func(far net.Conn)
		want time.Duration
	}{
		{"silent", func(net.Conn) {}, time.Second},
		{"closes at once", func(far net.Conn) { far.Close() }, 0},
		{"closes half a second later", func(far net.Conn) {
			time.Sleep(time.Second / 2)
			far.Close()
		}, time.Second / 2},
		{"sends on and on", func(far net.Conn) {
			for {
				if _, err := far.Write([]byte("never a frame")); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}, time.Second},
		{"reads to the end and closes", func(far net.Conn) {
			io.Copy(io.Discard, far)
			far.Close()
		}, 0},
		{"half closes and then reads to the end", func(far net.Conn) {
			halfClose(t, far)
			time.Sleep(time.Second / 4)
			io.Copy(io.Discard, far)
		}, time.Second / 4},
		{"half closes and reads nothing", func(far net.Conn) {
			halfClose(t, far)
		}, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := memoryPair(t)
				ends := 0
				began := time.Now()
				l := link.New(near, link.Options{OnEnd: func(error) {
					ends++
					if late := time.Since(began); late != 0 {
						t.Errorf("OnEnd came after %v, want at once", late)
					}
				}})
				ended := start(t, l, &recorder{})
				synctest.Wait()
				l.AppendBytes(make([]byte, 1<<20)) // more than the pipe takes
				l.CloseAfter(frame("bye"), errBecause)
				var peer sync.WaitGroup
				peer.Go(func() { tt.peer(far) })
				if err := <-ended; err != errBecause {
					t.Errorf("Run = %v, want %v", err, errBecause)
				}
				if got := time.Since(began); got != tt.want {
					t.Errorf("Run returned after %v, want %v", got, tt.want)
				}
				if ends != 1 {
					t.Errorf("OnEnd ran %d times, want once", ends)
				}
				peer.Wait()
			})
		})
	}
}
