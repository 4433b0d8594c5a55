package command

import (
	"math"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
)

// TopSample is what an exchange counted by one moment. Its rates are since the sample before,
// and nil where there was none that tells: at first, and after the exchange began anew.
type TopSample struct {
	Time      time.Time     `json:"time"`
	Exchange  TopExchange   `json:"exchange"`
	Instances []TopInstance `json:"instances"` // by service, and then by age
}

// TopExchange are the counters of the whole exchange. What top itself asks is among the calls,
// but not among the open ones.
type TopExchange struct {
	Address string `json:"address"`
	Origin  string `json:"origin"`
	Uptime  string `json:"uptime"` // in place of that of the totals
	exchange.Totals

	CallsPerSecond            *float64 `json:"calls_per_s"`
	FailuresPerSecond         *float64 `json:"failures_per_s"`
	PublishedPerSecond        *float64 `json:"published_per_s"`
	ReportsDeliveredPerSecond *float64 `json:"reports_delivered_per_s"`
}

// TopInstance are the counters of one instance.
type TopInstance struct {
	Instance          string            `json:"instance"`
	Origin            string            `json:"origin"`
	Service           string            `json:"service"`
	State             string            `json:"state"` // ready, suspect or draining
	Inflight          int               `json:"inflight"`
	Calls             uint64            `json:"calls"`
	Failures          map[string]uint64 `json:"failures"` // by code
	CallsPerSecond    *float64          `json:"calls_per_s"`
	FailuresPerSecond *float64          `json:"failures_per_s"`
}

// Failed is how many calls failed, whatever the code.
func (i *TopInstance) Failed() uint64 { return sum(i.Failures) }

func sum(counts map[string]uint64) (n uint64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// reading is what was counted at two moments: the totals come by one call, the instances by
// another.
type reading struct {
	origin    string
	totals    exchange.Totals
	totalsAt  time.Time
	instances []exchange.InstanceRow
	listedAt  time.Time
}

// rows are the instances by address.
func (r *reading) rows() map[string]*exchange.InstanceRow {
	rows := make(map[string]*exchange.InstanceRow, len(r.instances))
	for i := range r.instances {
		rows[r.instances[i].Address] = &r.instances[i]
	}
	return rows
}

// sampleOf makes a sample of a reading and the one before, which is nil when there was none of
// this exchange.
func sampleOf(now, before *reading) *TopSample {
	s := &TopSample{Exchange: TopExchange{Origin: now.origin, Totals: now.totals}, Instances: make([]TopInstance, len(now.instances))}
	s.Exchange.Uptime = now.totals.Uptime.String()
	if before == nil {
		before = &reading{}
	} else {
		s.Exchange.rate(&before.totals, now.totalsAt.Sub(before.totalsAt))
	}
	known := before.rows()
	for i := range now.instances {
		s.Instances[i] = topRow(&now.instances[i])
		if old := known[now.instances[i].Address]; old != nil {
			s.Instances[i].rate(old, now.listedAt.Sub(before.listedAt))
		}
	}
	return s
}

func topRow(r *exchange.InstanceRow) TopInstance {
	return TopInstance{
		Instance: r.Address, Origin: r.Origin, Service: r.Service, State: r.State, Inflight: r.Inflight, Calls: r.Calls, Failures: r.Failures,
	}
}

func (e *TopExchange) rate(old *exchange.Totals, d time.Duration) {
	e.CallsPerSecond = rateOf(e.Calls, old.Calls, d)
	e.FailuresPerSecond = rateOf(sum(e.Failures), sum(old.Failures), d)
	e.PublishedPerSecond = rateOf(e.Published, old.Published, d)
	e.ReportsDeliveredPerSecond = rateOf(e.ReportsDelivered, old.ReportsDelivered, d)
}

func (i *TopInstance) rate(old *exchange.InstanceRow, d time.Duration) {
	i.CallsPerSecond = rateOf(i.Calls, old.Calls, d)
	i.FailuresPerSecond = rateOf(i.Failed(), sum(old.Failures), d)
}

// rateOf is how much a counter grew in a second, to a thousandth. One that went backwards has
// begun anew, and tells nothing.
func rateOf(now, before uint64, d time.Duration) *float64 {
	if now < before || d <= 0 {
		return nil
	}
	rate := math.Round(float64(now-before)/d.Seconds()*1000) / 1000
	return &rate
}
