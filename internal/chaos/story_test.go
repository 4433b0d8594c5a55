//go:build linux

package chaos_test

import (
	"slices"
	"time"
)

// story is all that is known of one call.
type story struct {
	id       string
	asked    []record
	outcomes []record
	begun    []record
	finished []record
	relayed  []record
}

// history is all records, sorted by what they are about.
type history struct {
	calls  map[string]*story
	work   map[string][]record      // by instance: what its handlers wrote
	killed map[string]time.Duration // processes that were killed, and when
	lost   map[string]time.Duration // instances that a caller was told are lost, and when first
	closed []record
	dead   time.Duration // the silence after which a process is given up
	slack  time.Duration // what a busy machine may add to any bound
}

func newHistory(records []record, dead, slack time.Duration) *history {
	h := &history{
		calls: map[string]*story{}, work: map[string][]record{}, killed: map[string]time.Duration{}, lost: map[string]time.Duration{},
		dead: dead, slack: slack,
	}
	for _, r := range records {
		h.add(r)
	}
	return h
}

func (h *history) add(r record) {
	switch r.Kind {
	case killed:
		h.killed[r.Process] = r.At
		return
	case closed:
		h.closed = append(h.closed, r)
		return
	case struck:
		return
	case begun, parked, finished:
		h.work[r.Instance] = append(h.work[r.Instance], r)
	}
	s := h.calls[r.ID]
	if s == nil {
		s = &story{id: r.ID}
		h.calls[r.ID] = s
	}
	switch r.Kind {
	case asked:
		s.asked = append(s.asked, r)
	case begun:
		s.begun = append(s.begun, r)
	case finished:
		s.finished = append(s.finished, r)
	case relayed:
		s.relayed = append(s.relayed, r)
	case outcome:
		s.outcomes = append(s.outcomes, r)
		h.noteLoss(r)
	}
}

func (h *history) noteLoss(r record) {
	if r.Code != "lost" || r.Instance == "" {
		return
	}
	if first, ok := h.lost[r.Instance]; !ok || r.At < first {
		h.lost[r.Instance] = r.At
	}
}

// told returns the call and its outcome, and false when rule one has spoken already or the
// caller was killed before it was told.
func (s *story) told() (call, end record, ok bool) {
	if len(s.asked) != 1 || len(s.outcomes) != 1 {
		return record{}, record{}, false
	}
	return s.asked[0], s.outcomes[0], true
}

// lines are what was written of the call, to be read.
func (s *story) lines() []record {
	return slices.Concat(s.asked, s.relayed, s.begun, s.finished, s.outcomes)
}
