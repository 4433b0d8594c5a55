package testnet

import (
	"net"
	"sync"
	"time"
)

// link is one connection through a Proxy: two sockets and a lane each way.
type link struct {
	near, far *net.TCPConn // near was accepted, far was dialled
	lanes     [2]*lane
	once      sync.Once
	ended     chan struct{}
}

func newLink(near, far *net.TCPConn, ways [2]*way) *link {
	l := &link{near: near, far: far, ended: make(chan struct{})}
	l.lanes[Up] = newLane(l, near, far, ways[Up])
	l.lanes[Down] = newLane(l, far, near, ways[Down])
	return l
}

// run carries bytes until both directions have ended or the link has.
func (l *link) run() {
	var wg sync.WaitGroup
	for _, lane := range l.lanes {
		wg.Go(lane.read)  // ends with its source, or with the link
		wg.Go(lane.write) // ends when read has, or with the link
	}
	wg.Wait()
}

// end closes both sockets in order, so the sides see an end of stream.
func (l *link) end() {
	l.once.Do(func() {
		close(l.ended)
		l.near.Close()
		l.far.Close()
	})
}

// reset closes both sockets so that the sides see a reset.
func (l *link) reset() {
	l.once.Do(func() {
		close(l.ended)
		abort(l.near)
		abort(l.far)
	})
}

// rest waits for d and reports false when the link has ended before.
func (l *link) rest(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.ended:
		return false
	}
}

// abort closes conn at once: unsent bytes are dropped and the peer gets a reset.
func abort(conn *net.TCPConn) {
	conn.SetLinger(0)
	conn.Close()
}
