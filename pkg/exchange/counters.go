package exchange

import (
	"maps"
	"slices"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// InstanceStats are the counters of one instance.
type InstanceStats struct {
	Calls    uint64            `json:"calls"`
	Failures map[string]uint64 `json:"failures"` // by code
	Inflight int               `json:"inflight"`
}

// InstanceRow is one instance and its counters, as the exchange has them.
type InstanceRow struct {
	Address  string            `json:"address"`
	Origin   string            `json:"origin"` // 16 hexadecimal digits
	Service  string            `json:"service"`
	State    string            `json:"state"` // ready, suspect or draining
	Inflight int               `json:"inflight"`
	Calls    uint64            `json:"calls"`    // delivered to it
	Failures map[string]uint64 `json:"failures"` // by code, those of the exchange about it included
}

// Totals are the counters of an exchange since it started.
type Totals struct {
	Uptime         time.Duration     `json:"uptime"`
	Sessions       int               `json:"sessions"`
	Connections    uint64            `json:"connections"` // admitted so far
	Instances      int               `json:"instances"`
	Watches        int               `json:"watches"`
	OpenCalls      int               `json:"open_calls"`
	Calls          uint64            `json:"calls"`
	Failures       map[string]uint64 `json:"failures"` // by code
	LateResponses  uint64            `json:"late_responses"`
	CancelsDropped uint64            `json:"cancels_dropped"`
	Strangers      uint64            `json:"strangers"` // connections that did not finish a handshake
	Violations     uint64            `json:"violations"`
	SlowSessions   uint64            `json:"slow_sessions"`
	FrozenSessions uint64            `json:"frozen_sessions"`
	SkippedFrames  uint64            `json:"skipped_frames"`
	WatchResets    uint64            `json:"watch_resets"`

	Subscriptions    int    `json:"subscriptions"`
	Published        uint64 `json:"published"`         // reports taken from publishers
	ReportsDelivered uint64 `json:"reports_delivered"` // to subscriptions, retained values included
	ReportsLost      uint64 `json:"reports_lost"`      // by subscriptions that did not keep up
	ReportsRefused   uint64 `json:"reports_refused"`   // by limits, or for their subject
	ReportsUnmatched uint64 `json:"reports_unmatched"` // for which there was no subscription
}

// Instances lists the instances of the services that Services would list, by service and then
// by age, with their counters. With a group it is the members alone.
func (e *Exchange) Instances(glob, group string) []InstanceRow {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := []InstanceRow{}
	for _, name := range slices.Sorted(maps.Keys(e.core.names)) {
		if !listed(name, glob) {
			continue
		}
		for _, r := range e.core.names[name] {
			if group == "" || slices.Contains(r.info.Groups, group) {
				out = append(out, e.instanceRow(r.info))
			}
		}
	}
	return out
}

// instanceRow is called with the mutex held.
func (e *Exchange) instanceRow(i *wire.Info) InstanceRow {
	row := InstanceRow{
		Address: e.address(i).String(), Origin: e.originText(), Service: i.Name, State: i.State.String(), Failures: map[string]uint64{},
	}
	if live := e.instances[i.Number]; live != nil {
		s := live.stats()
		row.Calls, row.Failures, row.Inflight = s.Calls, s.Failures, s.Inflight
	}
	return row
}

// stats are the counters so far.
func (i *instance) stats() InstanceStats {
	return InstanceStats{Calls: i.counts.calls.Load(), Failures: i.counts.failures.byCode(), Inflight: int(i.inflight.Load())}
}

// Stats are the counters so far.
func (e *Exchange) Stats() Totals {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := Totals{
		Uptime: time.Since(e.started).Round(time.Millisecond), Connections: e.counts.sessions.Load(), OpenCalls: e.openCalls(),
		Failures: e.counts.failures.byCode(), LateResponses: e.counts.late.Load(),
		CancelsDropped: e.counts.cancelsDropped.Load(), Strangers: e.counts.strangers.Load(),
		Violations: e.counts.violations.Load(), SlowSessions: e.counts.slow.Load(),
		FrozenSessions: e.counts.frozen.Load(), SkippedFrames: e.counts.skipped.Load(),
		WatchResets: e.counts.resets.Load(), Calls: e.counts.calls.Load(),
		Published: e.counts.published.Load(), ReportsDelivered: e.counts.reportsDelivered.Load(),
		ReportsLost: e.counts.reportsLost.Load(), ReportsRefused: e.counts.reportsRefused.Load(),
		ReportsUnmatched: e.counts.reportsUnmatched.Load(), Subscriptions: len(e.subscriptions),
	}
	for _, m := range e.core.sessions {
		if !m.own {
			t.Sessions++
			t.Instances += len(m.placed)
			t.Watches += len(m.watches)
		}
	}
	return t
}

// statsOwn are the counters of `_exchange`.
func (e *Exchange) statsOwn() InstanceStats {
	e.mu.Lock()
	defer e.mu.Unlock()
	records := e.core.names[ownName]
	if len(records) == 0 {
		return InstanceStats{}
	}
	return e.instances[records[0].info.Number].stats()
}
