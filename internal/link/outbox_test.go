package link_test

import (
	"bytes"
	"net"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestOutboxTakesExactlyItsBound(t *testing.T) {
	header := &wire.Header{Kind: wire.KindRequest}
	tests := []struct {
		name  string
		bound int // that the append must keep of an outbox of 1,000
		add   func(l *link.Link, size int) link.Added
	}{
		{"frame", 1000, func(l *link.Link, size int) link.Added {
			return l.AppendFrame(header, make([]byte, size-wire.HeaderSize))
		}},
		{"bytes", 1000, func(l *link.Link, size int) link.Added {
			return l.AppendBytes(make([]byte, size))
		}},
		{"request", 750, func(l *link.Link, size int) link.Added {
			return l.AppendRequest(header, make([]byte, 10), make([]byte, size-wire.HeaderSize-10))
		}},
		{"report, a quarter", 250, func(l *link.Link, size int) link.Added {
			return l.AppendReport(header, make([]byte, 10), make([]byte, size-wire.HeaderSize-10), 4)
		}},
		{"report, alone", 930, func(l *link.Link, size int) link.Added {
			return l.AppendReport(header, make([]byte, size-wire.HeaderSize), nil, 1)
		}},
		{"deliver", 750, func(l *link.Link, size int) link.Added {
			return l.AppendDeliver(header, 1, make([]byte, size-wire.DeliverHeaderSize))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			near, _ := memoryPair(t)
			l := link.New(near, link.Options{Outbox: 1000})
			if got := tt.add(l, tt.bound+1); got != link.Full {
				t.Errorf("one byte over the bound: %v, want Full", got)
			}
			if got := tt.add(l, tt.bound); got != link.Flush {
				t.Errorf("at the bound: %v, want Flush", got)
			}
			if got := l.Queue(); got != tt.bound {
				t.Errorf("Queue = %d, want %d", got, tt.bound)
			}
			if got := tt.add(l, 50); got != link.Full {
				t.Errorf("behind the bound: %v, want Full", got)
			}
			if got, want := l.AppendBytes(make([]byte, 1000-tt.bound)), link.Queued; got != want {
				t.Errorf("the rest of the outbox: %v, want %v", got, want)
			}
		})
	}
}

func TestLargeAnswersLeaveRoomForSmallOnes(t *testing.T) {
	near, _ := memoryPair(t)
	l := link.New(near, link.Options{Outbox: 16_000})
	for i, tt := range []struct {
		size, room int
		want       link.Added
	}{
		{15_001, 15_000, link.Full},
		{14_743, 257, link.Flush},
		{258, 257, link.Full},
		{257, 0, link.Queued},
		{257, 0, link.Full},
		{256, 0, link.Queued},
		{256, 0, link.Queued},
		{256, 0, link.Queued},
		{256, 0, link.Full},
		{232, 0, link.Queued},
		{24, 0, link.Full},
	} {
		if got := l.AppendAnswer(&wire.Header{Kind: wire.KindResponse}, make([]byte, tt.size-wire.HeaderSize)); got != tt.want {
			t.Errorf("answer %d, of %d bytes: %v, want %v", i, tt.size, got, tt.want)
		}
		if got := l.AnswerRoom(); got != tt.room {
			t.Errorf("after answer %d the room is %d, want %d", i, got, tt.room)
		}
	}
}

// The pipe takes 262,144 bytes; what is over that is the overflow writer's.
func TestUnsentBytesCountAgainstTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		const pipe, outbox, left = 256 << 10, 400_000, 50_000
		l := link.New(near, link.Options{Outbox: outbox})
		ended := start(t, l, &recorder{})
		l.AppendBytes(make([]byte, pipe+left))
		l.FlushNow()
		synctest.Wait()
		if got := l.Queue(); got != left {
			t.Errorf("Queue = %d, want the %d that the pipe does not take", got, left)
		}
		if got := l.AppendBytes(make([]byte, outbox-left+1)); got != link.Full {
			t.Errorf("one byte over the bound: %v, want Full", got)
		}
		if got := l.AppendBytes(make([]byte, outbox-left)); got != link.Queued {
			t.Errorf("at the bound: %v, want Queued", got)
		}
		receive(t, far, make([]byte, pipe+outbox))
		synctest.Wait()
		if got := l.Queue(); got != 0 {
			t.Errorf("Queue = %d when all is read, want 0", got)
		}
		l.Close(nil)
		<-ended
	})
}

func TestBelowIsAPartOfTheBound(t *testing.T) {
	near, _ := memoryPair(t)
	l := link.New(near, link.Options{Outbox: 1000})
	l.AppendBytes(make([]byte, 249))
	if !l.Below(4) {
		t.Error("249 of 1000 bytes are not below a quarter")
	}
	l.AppendBytes(make([]byte, 1))
	if l.Below(4) {
		t.Error("250 of 1000 bytes are below a quarter")
	}
}

func TestOnlyTheFirstAppendHasToFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		l := link.New(near, link.Options{Outbox: 4 << 20})
		ended := start(t, l, &recorder{})
		for _, size := range []int{1, 10_000, 1 << 20, 1} { // the third is more than the pipe takes
			piece := bytes.Repeat([]byte("x"), size)
			if got := l.AppendBytes(piece); got != link.Flush {
				t.Errorf("%d bytes, first: %v, want Flush", size, got)
			}
			if got := l.AppendBytes(piece); got != link.Queued {
				t.Errorf("%d bytes, second: %v, want Queued", size, got)
			}
			l.Flush()
			receive(t, far, slices.Concat(piece, piece))
			synctest.Wait()
		}
		l.Close(nil)
		<-ended
	})
}

func TestAppendsOfAllKindsAreWrittenInOrder(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		l := link.New(near, link.Options{})
		start(t, l, &recorder{})
		h := &wire.Header{Kind: wire.KindRequest, ID: 5, TTL: 7}
		deliver := &wire.Header{Kind: wire.KindDeliver, ID: 6}
		big := bytes.Repeat([]byte("0123456789"), 10_000) // over chunk sizes
		var want []byte
		for _, body := range [][]byte{nil, []byte("x"), big[:4000], big[:70_000], big} {
			l.AppendBytes(session())
			l.AppendFrame(h, body)
			l.AppendDeliver(deliver, 3, body)
			l.AppendRequest(h, body, []byte("args"))
			want = append(want, session()...)
			want = wire.AppendFrame(want, h, body)
			want = wire.AppendDeliver(want, deliver, 3, body)
			want = wire.AppendFrame(want, h, append(body[:len(body):len(body)], "args"...))
		}
		l.Flush()
		receive(t, far, want)
	})
}

func TestClosedLinkTakesNothing(t *testing.T) {
	near, _ := memoryPair(t)
	l := link.New(near, link.Options{OnDrain: func() { t.Error("OnDrain ran") }})
	l.AppendBytes([]byte("dropped"))
	if !l.WantDrain() {
		t.Error("WantDrain = false with bytes in the outbox")
	}
	l.Close(nil)
	h := &wire.Header{}
	for name, got := range map[string]link.Added{
		"AppendFrame":   l.AppendFrame(h, nil),
		"AppendBytes":   l.AppendBytes([]byte("x")),
		"AppendRequest": l.AppendRequest(h, nil, nil),
		"AppendDeliver": l.AppendDeliver(h, 0, nil),
	} {
		if got != link.Closed || got.Taken() {
			t.Errorf("%s = %v, want Closed", name, got)
		}
	}
	if l.Queue() != 0 || l.WantDrain() {
		t.Errorf("Queue = %d, WantDrain = %v after Close", l.Queue(), l.WantDrain())
	}
	l.Flush()
	l.FlushNow()
}
