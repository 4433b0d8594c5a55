package exchange

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// ServiceInfo is a service and its instances, as `netsvc ls` prints it.
type ServiceInfo struct {
	Name      string         `json:"name"`
	Instances []InstanceInfo `json:"instances"`
	Groups    []string       `json:"groups"`  // of any instance
	Methods   []string       `json:"methods"` // of the newest instance
}

// InstanceInfo is one instance of a service.
type InstanceInfo struct {
	Address  string    `json:"address"`
	Origin   string    `json:"origin"` // 16 hexadecimal digits
	PID      int       `json:"pid"`
	Host     string    `json:"host"`
	User     string    `json:"user"`
	Program  string    `json:"program"`
	Since    time.Time `json:"since"`
	State    string    `json:"state"` // ready, suspect or draining
	Inflight int       `json:"inflight"`
	Version  string    `json:"version"`
}

// GroupInfo is a group and its members' addresses.
type GroupInfo struct {
	Name    string   `json:"name"`
	Members []string `json:"members"`
}

// SessionInfo is a connected process.
type SessionInfo struct {
	Session     uint32    `json:"session"`
	Address     string    `json:"address"`
	Origin      string    `json:"origin"`
	Program     string    `json:"program"`
	PID         int       `json:"pid"`
	Host        string    `json:"host"`
	User        string    `json:"user"`
	Since       time.Time `json:"since"`
	State       string    `json:"state"`
	Services    []string  `json:"services"`
	OpenCalls   int       `json:"open_calls"` // delivered to it and not answered
	QueueBytes  int       `json:"queue_bytes"`
	LostReports uint64    `json:"lost_reports"`
}

// InstanceStats are the counters of one instance.
type InstanceStats struct {
	Calls    uint64            `json:"calls"`
	Failures map[string]uint64 `json:"failures"` // by code
	Inflight int               `json:"inflight"`
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

// Services lists the services whose name matches the glob and that have an instance in the
// group, sorted by name; empty texts match all. Names that begin with "_" are left out
// unless the glob begins with it.
func (e *Exchange) Services(glob, group string) []ServiceInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := []ServiceInfo{}
	for _, name := range slices.Sorted(maps.Keys(e.core.names)) {
		if !listed(name, glob) {
			continue
		}
		s := e.serviceInfo(e.core.names[name])
		if group == "" || slices.Contains(s.Groups, group) {
			out = append(out, s)
		}
	}
	return out
}

func listed(name, glob string) bool {
	if strings.HasPrefix(name, "_") && !strings.HasPrefix(glob, "_") {
		return false
	}
	return glob == "" || value.Match(glob, name)
}

// serviceInfo describes a service. It is called with the mutex held.
func (e *Exchange) serviceInfo(records []*record) ServiceInfo {
	newest := records[len(records)-1].info
	s := ServiceInfo{Name: newest.Name, Groups: []string{}, Methods: []string{}}
	for _, r := range records {
		s.Instances = append(s.Instances, e.instanceInfo(r.info))
		s.Groups = append(s.Groups, r.info.Groups...)
	}
	s.Groups = append([]string{}, uniq(s.Groups)...)
	if m := e.core.methods[newest.Hash]; m != nil {
		s.Methods = append(s.Methods, m.names...)
	}
	return s
}

func (e *Exchange) instanceInfo(i *wire.Info) InstanceInfo {
	out := InstanceInfo{
		Address: e.address(i).String(), Origin: e.originText(), PID: i.Process.PID, Host: i.Process.Host,
		User: i.Process.User, Program: i.Process.Program, Since: moment(i.Since), State: i.State.String(),
		Version: i.Version,
	}
	if live := e.instances[i.Number]; live != nil {
		out.Inflight = int(live.inflight.Load())
	}
	return out
}

func (e *Exchange) address(i *wire.Info) wire.Address {
	return wire.Address{Origin: e.origin, Name: i.Name, Number: i.Number}
}

func (e *Exchange) originText() string { return fmt.Sprintf("%016x", e.origin) }

// Groups lists the groups that have members, sorted by name.
func (e *Exchange) Groups() []GroupInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := []GroupInfo{}
	for _, name := range slices.Sorted(maps.Keys(e.core.groups)) {
		g := GroupInfo{Name: name, Members: []string{}}
		for _, n := range sorted(e.core.groups[name]) {
			if i := e.core.groups[name][n].info; !i.Hidden {
				g.Members = append(g.Members, e.address(i).String())
			}
		}
		if len(g.Members) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// Sessions lists the connected processes in the order they came, without the exchange's own.
func (e *Exchange) Sessions() []SessionInfo {
	out := []SessionInfo{}
	for _, s := range e.admitted() {
		if info, ok := e.sessionInfo(s); ok {
			out = append(out, info)
		}
	}
	slices.SortFunc(out, func(a, b SessionInfo) int { return cmp.Compare(a.Session, b.Session) })
	return out
}

func (e *Exchange) sessionInfo(s *session) (SessionInfo, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := e.core.sessions[s.number]
	if m == nil {
		return SessionInfo{}, false
	}
	own := e.core.instances[s.number].info
	info := SessionInfo{
		Session: s.number, Address: e.address(own).String(), Origin: e.originText(),
		Program: m.process.Program, PID: m.process.PID, Host: m.process.Host, User: m.process.User,
		Since: moment(m.since), State: own.State.String(), Services: []string{},
		OpenCalls: int(s.calls.taken.Load()), QueueBytes: s.link.Queue() + int(s.waiting.bytes.Load()), LostReports: s.waiting.lost.Load(),
	}
	for _, h := range sorted(m.placed) {
		info.Services = append(info.Services, e.address(m.placed[h].info).String())
	}
	return info, true
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

// Limits are the limits in force.
func (e *Exchange) Limits() Limits { return e.limits }

// describeOwn describes `_exchange`.
func (e *Exchange) describeOwn() ServiceInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	records := e.core.names[ownName]
	if len(records) == 0 { // it has left, and reads the last of its calls
		return ServiceInfo{Name: ownName}
	}
	return e.serviceInfo(records)
}

// statsOwn are the counters of `_exchange`.
func (e *Exchange) statsOwn() InstanceStats {
	e.mu.Lock()
	defer e.mu.Unlock()
	records := e.core.names[ownName]
	if len(records) == 0 {
		return InstanceStats{}
	}
	live := e.instances[records[0].info.Number]
	return InstanceStats{
		Calls: live.counts.calls.Load(), Failures: live.counts.failures.byCode(), Inflight: int(live.inflight.Load()),
	}
}
