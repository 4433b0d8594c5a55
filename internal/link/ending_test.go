package link_test

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/wire"
)

var errBecause = errors.New("because")

func TestCloseUnblocksARead(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		l := link.New(near, link.Options{})
		r := &recorder{}
		ended := start(t, l, r)
		far.Write(session("one"))
		testnet.WaitFor(t, "the frame", func() bool { return len(r.got()) == 1 })
		if l.Err() != nil {
			t.Errorf("Err = %v while open", l.Err())
		}
		l.Close(errBecause)
		l.Close(errors.New("too late"))
		if err := end(t, ended); err != errBecause {
			t.Errorf("Run = %v, want the first reason", err)
		}
		if l.Err() != errBecause {
			t.Errorf("Err = %v, want the first reason", l.Err())
		}
		testnet.Receive(t, "Done", l.Done())
		if _, err := io.ReadAll(far); err != nil {
			t.Errorf("the far end reads %v, want the end of the stream", err)
		}
	})
}

func TestCloseUnblocksAWrite(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		l := link.New(near, link.Options{Outbox: 64 << 20})
		ended := start(t, l, &recorder{})
		l.AppendBytes(make([]byte, 32<<20))
		l.FlushNow()
		l.Close(errBecause)
		if err := end(t, ended); err != errBecause {
			t.Errorf("Run = %v, want %v", err, errBecause)
		}
	})
}

func TestCloseWithoutAReason(t *testing.T) {
	near, _ := memoryPair(t)
	l := link.New(near, link.Options{})
	l.Close(nil)
	if err := l.Run(&recorder{}); err != link.ErrClosed {
		t.Errorf("Run = %v, want ErrClosed", err)
	}
}

func TestCloseFromManySidesWhileBusy(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		l := link.New(near, link.Options{Outbox: 1 << 20, OnDrain: func() {}})
		ended := start(t, l, &recorder{})
		send(t, far, session(make([]string, 10_000)...))
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for l.AppendBytes(make([]byte, 100)) != link.Closed {
					l.WantDrain()
					l.Flush()
				}
			})
			wg.Go(func() { l.Close(errBecause) })
			wg.Go(func() { l.CloseAfter(frame("bye"), errBecause) })
		}
		far.Close()
		end(t, ended)
		wg.Wait()
	})
}

func TestNoFrameIsHandedOnBehindTheEnd(t *testing.T) {
	for name, finish := range map[string]func(*link.Link){
		"Close":      func(l *link.Link) { l.Close(errBecause) },
		"CloseAfter": func(l *link.Link) { l.CloseAfter(nil, errBecause) },
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, near, far net.Conn) {
				l := link.New(near, link.Options{})
				r := &recorder{on: func(*wire.Header, []byte) error { finish(l); return nil }}
				ended := start(t, l, r)
				far.Write(session("last", "never", "never"))
				halfClose(t, far)
				if err := end(t, ended); err != errBecause {
					t.Errorf("Run = %v, want %v", err, errBecause)
				}
				if got := r.got(); len(got) != 1 {
					t.Errorf("got %q, want the first frame only", got)
				}
			})
		})
	}
}
