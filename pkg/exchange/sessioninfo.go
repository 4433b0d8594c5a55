package exchange

import (
	"cmp"
	"slices"
	"time"
)

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
	RTTMillis   *float64  `json:"rtt_ms"` // as last measured, five beats ago at most; nil before that, and if its process answers no Beats
	State       string    `json:"state"`
	Services    []string  `json:"services"`
	OpenCalls   int       `json:"open_calls"` // delivered to it and not answered
	QueueBytes  int       `json:"queue_bytes"`
	LostReports uint64    `json:"lost_reports"`
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
		Since: moment(m.since), RTTMillis: s.roundTrip(), State: own.State.String(), Services: []string{},
		OpenCalls: int(s.calls.taken.Load()), QueueBytes: s.link.Queue() + int(s.waiting.bytes.Load()), LostReports: s.waiting.lost.Load(),
	}
	for _, h := range sorted(m.placed) {
		info.Services = append(info.Services, e.address(m.placed[h].info).String())
	}
	return info, true
}

// roundTrip is the way to the process and back in milliseconds, nil before it was measured.
func (s *session) roundTrip() *float64 {
	took, ok := s.link.RoundTrip()
	if !ok {
		return nil
	}
	ms := float64(took.Microseconds()) / 1000
	return &ms
}
