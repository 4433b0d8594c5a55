package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Options tunes a Conn. Nil or the zero value is ready for production.
type Options struct {
	// Background lets Connect return at once and connect later.
	Background bool
	// Once makes the first failure to connect final: Connect returns it and does not try
	// again. After it has connected once the Conn reconnects as ever.
	Once bool
	// RetryMin and RetryMax bound the wait before the next attempt to connect. The wait is
	// random between nothing and a bound that doubles from RetryMin to RetryMax. Zero means
	// 0.2 s and 2 s.
	RetryMin, RetryMax time.Duration
	// RetryFixed, if not zero, is the wait before every attempt, in place of the two above.
	RetryFixed time.Duration
	// Timeout is the deadline of calls that bring none. Zero means 30 s.
	Timeout time.Duration
	// Program is shown in the registry. Empty means the base name of the running program.
	Program string
	// Logger receives a record when the link comes and goes, for each panic of a handler
	// and for what the exchange refuses. Nil means discard, but that panics go to
	// slog.Default: nobody else gets to see their stacks.
	Logger   *slog.Logger
	unlogged bool // no Logger was given
	// Beat, Suspect and Dead replace the exchange's times: how often this end says
	// something at least, and after which silence the exchange is doubted and given up.
	// Zero takes what the exchange says (2 s, 4.5 s and 14.5 s).
	Beat, Suspect, Dead time.Duration
	// Dial makes the connection in place of the address, for example in memory by
	// exchange.Exchange.Dial. Nil dials the address.
	Dial func(ctx context.Context) (net.Conn, error)
}

// The times of Options that are zero, and of one attempt to connect.
const (
	defaultTimeout   = 30 * time.Second
	defaultRetryMin  = 200 * time.Millisecond
	defaultRetryMax  = 2 * time.Second
	handshakeTimeout = 5 * time.Second
)

// withDefaults checks the options and fills what is zero.
func (o *Options) withDefaults() (Options, error) {
	var out Options
	if o != nil {
		out = *o
	}
	for _, d := range []time.Duration{out.RetryMin, out.RetryMax, out.RetryFixed, out.Timeout, out.Beat, out.Suspect, out.Dead} {
		if d < 0 {
			return out, errors.New("service: a time in Options is negative")
		}
	}
	if out.RetryMin == 0 {
		out.RetryMin = defaultRetryMin
	}
	if out.RetryMax == 0 {
		out.RetryMax = max(defaultRetryMax, out.RetryMin)
	}
	if out.RetryMax < out.RetryMin {
		return out, errors.New("service: RetryMax is below RetryMin")
	}
	if out.Timeout == 0 {
		out.Timeout = defaultTimeout
	}
	if out.Program == "" {
		out.Program = filepath.Base(os.Args[0])
	}
	if out.Logger == nil {
		out.Logger, out.unlogged = slog.New(slog.DiscardHandler), true
	}
	return out, nil
}
