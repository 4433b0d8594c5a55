package link

import (
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/wire"
)

// nothing is a handler that does nothing.
type nothing struct{}

func (nothing) Frame(*wire.Header, []byte) error { return nil }
func (nothing) EndBatch()                        {}

// held is the size of the read buffer of a link at rest.
func (l *Link) held() int {
	if l.reads.buf == nil {
		return 0
	}
	return len(l.reads.buf.b)
}

// What a frame announces takes no memory; what has come takes at most twice its size.
func TestReadBufferGrowsOnlyAsBytesCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := Pipe()
		l := New(near, Options{MaxFrame: 5 << 20})
		ended := make(chan error, 1)
		go func() { ended <- l.Run(nothing{}) }()
		far.Write(wire.AppendPreface(nil))
		synctest.Wait()
		if got := l.held(); got != 0 {
			t.Errorf("%d bytes held with nothing to read", got)
		}
		whole := wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse}, make([]byte, 5<<20-wire.HeaderSize))
		sent := 0
		for _, n := range []int{1, 3, 1, 19, 60_000, 6_000, 100_000, 1 << 20, 3 << 20} {
			far.Write(whole[sent : sent+n])
			sent += n
			synctest.Wait()
			if got, most := l.held(), max(readSize, 2*sent); got < sent || got > most {
				t.Errorf("%d bytes held for %d that came, want at most %d", got, sent, most)
			}
		}
		far.Write(whole[sent:])
		synctest.Wait()
		if got := l.held(); got != 0 {
			t.Errorf("%d bytes held behind the frame", got)
		}
		far.Close()
		<-ended
	})
}

// A small frame begun behind a large one must not keep the large buffer.
func TestReadBufferShrinksBehindALargeFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := Pipe()
		l := New(near, Options{MaxFrame: 4 << 20})
		ended := make(chan error, 1)
		go func() { ended <- l.Run(nothing{}) }()
		b := wire.AppendPreface(nil)
		b = wire.AppendFrame(b, &wire.Header{}, make([]byte, 1<<20))
		b = wire.AppendFrame(b, &wire.Header{}, make([]byte, 100))
		far.Write(b[:len(b)-1])
		synctest.Wait()
		if got := l.held(); got != readSize {
			t.Errorf("%d bytes held for a small frame, want %d", got, readSize)
		}
		far.Close()
		<-ended
	})
}

func TestWritersHoldNothingAtRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := Pipe()
		l := New(near, Options{})
		l.AppendBytes(make([]byte, 5<<20))
		go l.Flush()
		got := 0
		for buf := make([]byte, 1<<20); got < 5<<20; {
			n, err := far.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			got += n
		}
		synctest.Wait()
		if len(l.out) != 0 || l.waiting != 0 || l.unsent != 0 || l.writing {
			t.Errorf("at rest: %d chunks, %d waiting, %d unsent, writing: %v", len(l.out), l.waiting, l.unsent, l.writing)
		}
		if s := far.(*pipeEnd).in; cap(s.buf) > pipeIdle {
			t.Errorf("an empty pipe holds %d bytes", cap(s.buf))
		}
		l.Close(nil)
	})
}

// A word to each of many links must not cost each a large chunk, and a full outbox no more
// than its bytes and a chunk.
func TestOutboxMemoryFollowsItsBytes(t *testing.T) {
	near, _ := Pipe()
	l := New(near, Options{Outbox: 1 << 20})
	body := make([]byte, 40_000) // two do not fit one chunk
	for total := 0; ; total = l.Queue() {
		size := 0
		for _, c := range l.out {
			size += cap(c.b)
		}
		if most := total + chunkSize; size > most || total <= smallChunk && size > smallChunk {
			t.Errorf("%d bytes of chunks for %d waiting", size, total)
		}
		if total > 10_000 && !l.AppendFrame(&wire.Header{}, body).Taken() {
			break
		}
		l.AppendFrame(&wire.Header{}, body[:100])
	}
	l.Close(nil)
}

func TestIdleLinkTakesLittle(t *testing.T) {
	const links, most = 100, 3 << 10
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	near, far := make([]net.Conn, links), make([]net.Conn, links)
	for i := range links {
		if far[i], err = net.Dial("tcp", ln.Addr().String()); err != nil {
			t.Fatal(err)
		}
		if near[i], err = ln.Accept(); err != nil {
			t.Fatal(err)
		}
		defer far[i].Close()
	}
	keeper := NewKeeper(Times{})
	defer keeper.Close()
	all, ended := make([]*Link, links), make(chan error, links)
	before := heap()
	for i, c := range near {
		l := New(c, Options{MaxFrame: 4 << 20})
		all[i] = l
		keeper.Add(l)
		go func() { ended <- l.Run(nothing{}) }()
		l.AppendBytes([]byte(strings.Repeat("x", 10_000)))
		l.FlushNow()
	}
	perLink := func() int64 { return (heap() - before) / links }
	got := perLink()
	for range 20 { // a reader that is not waiting yet holds a buffer
		got = min(got, perLink())
	}
	for _, l := range all {
		keeper.Remove(l)
		l.Close(nil)
		<-ended
	}
	t.Logf("%d bytes of heap for an idle link", got)
	if got > most {
		t.Errorf("%d bytes of heap for an idle link, want at most %d", got, most)
	}
}

// heap is the live heap, without what pools hold.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
