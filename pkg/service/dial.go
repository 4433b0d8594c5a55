package service

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/user"
	"strings"
	"sync"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// dialer makes connections to one exchange.
type dialer func(ctx context.Context) (net.Conn, error)

// dialerOf reads an address: "11111" (loopback), "host:port" or "unix:/path".
func dialerOf(addr string, own dialer) (dialer, error) {
	if own != nil {
		return own, nil
	}
	network, address := "tcp", addr
	switch {
	case strings.HasPrefix(addr, "unix:"):
		network, address = "unix", strings.TrimPrefix(addr, "unix:")
	case addr != "" && strings.Trim(addr, "0123456789") == "":
		address = net.JoinHostPort("127.0.0.1", addr)
	}
	if network == "tcp" {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return nil, fmt.Errorf("service: %q is no address; one is 11111, host:port or unix:/path", addr)
		}
	}
	var d net.Dialer
	return func(ctx context.Context) (net.Conn, error) { return d.DialContext(ctx, network, address) }, nil
}

// errTimeoutRead is how a read ends whose deadline has passed.
var errTimeoutRead = os.ErrDeadlineExceeded

// run keeps the link up until the Conn is closed or refused for good.
func (c *Conn) run(ctx context.Context) {
	var err error
	for attempt := 0; ; attempt++ {
		var welcomed bool
		welcomed, err = c.serveOnce(ctx)
		if welcomed {
			attempt = 0
		}
		if ctx.Err() != nil {
			err = ErrClosed
			break
		}
		if isFinal(err) || c.opts.Once && !welcomed && c.lastOrigin() == 0 {
			break
		}
		c.failed(err)
		if !c.pause(ctx, attempt) {
			err = ErrClosed
			break
		}
	}
	c.finish(err)
}

// serveOnce makes one link and serves it to its end.
func (c *Conn) serveOnce(ctx context.Context) (welcomed bool, err error) {
	dialling, cancel := context.WithTimeout(ctx, handshakeTimeout)
	conn, err := c.dial(dialling)
	cancel()
	if err != nil {
		return false, err
	}
	s := newSession(c, conn)
	if !c.begin(s) {
		s.link.Close(ErrClosed)
		return false, ErrClosed
	}
	err = s.serve()
	return s.welcomed, err
}

// begin notes the session whose link is being made. It reports false when the Conn is
// closing, and nobody will close the link.
func (c *Conn) begin(s *session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = s
	return !c.closing
}

// failed notes why the link is down.
func (c *Conn) failed(err error) {
	c.mu.Lock()
	first := c.trouble == nil
	c.trouble = err
	c.mu.Unlock()
	if first {
		c.log.Warn("no link to the exchange", "exchange", c.addr, "err", err)
	}
	c.states.set(false, err)
}

// isFinal reports whether trying again will meet the same answer.
func isFinal(err error) bool {
	var refusal *wire.Failure
	var version *wire.VersionError
	return errors.As(err, &refusal) || errors.As(err, &version) || errors.Is(err, wire.ErrNotNetsvc)
}

// pause waits before the next attempt. It reports false when the Conn is being closed.
func (c *Conn) pause(ctx context.Context, attempt int) bool {
	t := time.NewTimer(c.backoff(attempt))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// backoff is the wait before the next attempt: fixed, or random below a bound that doubles,
// so that a thousand processes do not come back at the same moment.
func (c *Conn) backoff(attempt int) time.Duration {
	if c.opts.RetryFixed > 0 {
		return c.opts.RetryFixed
	}
	bound := c.opts.RetryMin
	for ; attempt > 0 && bound < c.opts.RetryMax; attempt-- {
		bound *= 2
	}
	return rand.N(min(bound, c.opts.RetryMax)) + 1
}

// userName is who runs this process. Asking the system may be slow, so it is asked once.
var userName = sync.OnceValue(func() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
})
