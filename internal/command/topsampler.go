package command

import (
	"context"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

const (
	// topPatience is how long an exchange may take to tell its counters. One that takes longer
	// is away, and asked again.
	topPatience = 3 * time.Second
	// linkPatience is how long a sample waits for the link to an exchange.
	linkPatience = 500 * time.Millisecond
)

// TopSampler asks an exchange for its counters. It is for one goroutine at a time.
type TopSampler struct {
	conn     *service.Conn
	settings Settings
	last     *reading // nil at first
}

// NewTopSampler makes one that asks by conn, which may have no link yet.
func NewTopSampler(conn *service.Conn, s Settings) *TopSampler {
	return &TopSampler{conn: conn, settings: s}
}

// Exchange is the address of the exchange, as the settings have it.
func (s *TopSampler) Exchange() string { return s.settings.Exchange }

// Sample asks for the counters, one call at a time. It waits half a second for the link, and
// takes 3 s or the timeout of the command at most. ExchangeAway tells whether an error may pass.
func (s *TopSampler) Sample(ctx context.Context) (*TopSample, error) {
	within, cancel := context.WithTimeout(ctx, min(topPatience, s.settings.Timeout))
	defer cancel()
	now, err := s.read(within)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	}
	if s.last != nil && (s.last.origin != now.origin || now.totals.Uptime < s.last.totals.Uptime) {
		s.last = nil
	}
	sample := sampleOf(now, s.last)
	sample.Time, sample.Exchange.Address = time.Now().UTC(), s.settings.Exchange
	s.last = now
	return sample, nil
}

// read asks for all that is counted.
func (s *TopSampler) read(ctx context.Context) (*reading, error) {
	if err := s.linked(ctx); err != nil {
		return nil, err
	}
	r := &reading{origin: originOf(s.conn.Address())}
	house := s.conn.Endpoint(exchangeName)
	var err error
	if r.totals, err = service.Call[exchange.Totals](ctx, house, "stats"); err != nil {
		return nil, err
	}
	r.totals.OpenCalls = max(0, r.totals.OpenCalls-1) // the call that asks is one
	r.totalsAt = time.Now()
	r.instances, err = service.Call[[]exchange.InstanceRow](ctx, house, "instances", "", "")
	r.listedAt = time.Now()
	return r, err
}

// linked waits for the link.
func (s *TopSampler) linked(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, linkPatience)
	defer cancel()
	return s.conn.Ready(ctx)
}
