package testnet

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"
)

const (
	// readBytes is the most that one read takes from a socket.
	readBytes = 16 << 10
	// laneChunks bounds what a lane holds back for latency or a rate: 4 MiB. When it
	// is full the lane stops reading, and TCP tells the sender to wait.
	laneChunks = 256
)

// lane carries one direction of a link. One goroutine reads and notes when, another
// writes when the time has come, so latency does not lower the rate.
type lane struct {
	link   *link
	src    io.Reader
	dst    *net.TCPConn
	way    *way
	queue  chan chunk
	random *rand.Rand
	shut   atomic.Bool // dst has been told that no more comes
}

// chunk is what one read brought and the earliest time to pass it on.
type chunk struct {
	data []byte
	due  time.Time
}

func newLane(l *link, src io.Reader, dst *net.TCPConn, w *way) *lane {
	return &lane{
		link: l, src: src, dst: dst, way: w,
		queue:  make(chan chunk, laneChunks),
		random: rand.New(rand.NewPCG(1, 2)),
	}
}

// read takes bytes from the source until it or the link ends.
func (l *lane) read() {
	defer close(l.queue)
	for {
		data := make([]byte, readBytes)
		n, err := l.src.Read(data)
		if n > 0 && !l.enqueue(data[:n]) {
			return
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			l.link.reset() // the source was reset, so the other side is, too
			return
		}
	}
}

// enqueue reports false when the link has ended.
func (l *lane) enqueue(data []byte) bool {
	fault, _ := l.way.current()
	select {
	case l.queue <- chunk{data, time.Now().Add(fault.Latency)}:
		return true
	case <-l.link.ended:
		return false
	}
}

// write passes chunks on until the source has ended, then ends the destination.
func (l *lane) write() {
	for c := range l.queue {
		if !l.link.rest(time.Until(c.due)) {
			return
		}
		if err := l.deliver(l.dst, c.data); err != nil {
			l.link.reset()
			return
		}
	}
	if l.untilVisible() {
		l.finish()
	}
}

// deliver writes data as the fault of the moment wants it. It returns nil when the
// link or this direction has ended meanwhile.
func (l *lane) deliver(dst io.Writer, data []byte) error {
	for len(data) > 0 {
		fault, _ := l.way.current()
		if fault.BlackHole {
			l.way.swallowed.Add(int64(len(data)))
			return nil
		}
		n := fault.size(len(data), l.random)
		_, err := dst.Write(data[:n])
		if l.shut.Load() {
			return nil
		}
		if err != nil {
			return err
		}
		data = data[n:]
		if !l.link.rest(fault.pause(n)) {
			return nil
		}
	}
	return nil
}

// untilVisible waits while a black hole hides what happens here. It reports false
// when the link has ended.
func (l *lane) untilVisible() bool {
	for {
		fault, changed := l.way.current()
		if !fault.BlackHole {
			return true
		}
		select {
		case <-changed:
		case <-l.link.ended:
			return false
		}
	}
}

// finish tells the destination that no more comes.
func (l *lane) finish() {
	l.shut.Store(true)
	l.dst.CloseWrite()
}
