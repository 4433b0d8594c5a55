//go:build linux

package chaos_test

import (
	"fmt"
	"maps"
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
}

// history is all records, sorted by what they are about.
type history struct {
	calls  map[string]*story
	killed map[string]time.Duration // processes that were killed, and when
	lost   map[string]time.Duration // instances that a caller was told are lost, and when first
	closed []record
	dead   time.Duration // the silence after which a process is given up
	slack  time.Duration // what a busy machine may add to any bound
}

func newHistory(records []record, dead, slack time.Duration) *history {
	h := &history{
		calls: map[string]*story{}, killed: map[string]time.Duration{}, lost: map[string]time.Duration{},
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

// rule looks at one call and says what is wrong with it, or "".
type rule struct {
	name  string
	check func(*history, *story) string
}

// rules are what must hold for each call, whatever was done to whom.
var rules = []rule{
	{"one call, one outcome", oneOutcome},
	{"no means not executed", noMeansNotExecuted},
	{"executed once at most", executedOnce},
	{"a result was executed", resultWasExecuted},
	{"the result is of this call", resultFits},
	{"the lost stay lost", lostStayLost},
	{"code and delivered fit", outcomeIsDefinite},
	{"told in time", toldInTime},
}

// violations applies all rules, and looks for leaks.
func (h *history) violations() []string {
	var found []string
	for _, id := range slices.Sorted(maps.Keys(h.calls)) {
		s := h.calls[id]
		for _, r := range rules {
			if what := r.check(h, s); what != "" {
				found = append(found, fmt.Sprintf("%s: %s: %s\n\t%+v", r.name, id, what, *s))
			}
		}
	}
	for _, r := range h.closed {
		if r.Leaks != "" {
			found = append(found, fmt.Sprintf("nothing is left open: %s: %s", r.Process, r.Leaks))
		}
	}
	return found
}

// told returns the call and its outcome, and false when rule one has spoken already or the
// caller was killed before it was told.
func (s *story) told() (call, end record, ok bool) {
	if len(s.asked) != 1 || len(s.outcomes) != 1 {
		return record{}, record{}, false
	}
	return s.asked[0], s.outcomes[0], true
}

func oneOutcome(h *history, s *story) string {
	if len(s.asked) != 1 {
		return fmt.Sprintf("asked %d times", len(s.asked))
	}
	_, dead := h.killed[s.asked[0].Process]
	if len(s.outcomes) == 0 && dead {
		return ""
	}
	if len(s.outcomes) != 1 {
		return fmt.Sprintf("%d outcomes", len(s.outcomes))
	}
	return ""
}

func noMeansNotExecuted(_ *history, s *story) string {
	if _, end, ok := s.told(); ok && end.Delivered == "no" && len(s.begun) > 0 {
		return "executed, though its caller was told that a retry is safe"
	}
	return ""
}

func executedOnce(_ *history, s *story) string {
	if len(s.begun) > 1 || len(s.finished) > len(s.begun) {
		return fmt.Sprintf("begun %d times, finished %d times", len(s.begun), len(s.finished))
	}
	return ""
}

func resultWasExecuted(_ *history, s *story) string {
	_, end, ok := s.told()
	if ok && (end.Code == "" || end.Delivered == "yes") && len(s.begun) == 0 {
		return "nobody has executed it"
	}
	if ok && end.Code == "" && len(s.finished) == 0 {
		return "nobody has finished it"
	}
	return ""
}

func resultFits(_ *history, s *story) string {
	_, end, ok := s.told()
	if !ok || len(s.begun) != 1 {
		return ""
	}
	if end.Code == "" && end.Result != s.id {
		return fmt.Sprintf("the result is that of %q", end.Result)
	}
	if end.Instance != "" && end.Instance != s.begun[0].Instance {
		return fmt.Sprintf("outcome from %s, executed by %s", end.Instance, s.begun[0].Instance)
	}
	return ""
}

func lostStayLost(h *history, s *story) string {
	call, end, ok := s.told()
	if !ok || end.Code != "" {
		return ""
	}
	if lost, was := h.lost[end.Instance]; was && lost < call.At {
		return "a result from an instance that was lost before the call was made"
	}
	return ""
}

// fitting says what delivered may be beside a code, by the table of codes. Other codes have
// no place in this test.
var fitting = map[string][]string{
	"":            {""},
	"no_service":  {"no"},
	"busy":        {"no"},
	"draining":    {"no"},
	"timeout":     {"no", "maybe"},
	"canceled":    {"no", "maybe"},
	"lost":        {"no", "maybe"},
	"unreachable": {"no", "maybe"},
	"application": {"yes"},
}

func outcomeIsDefinite(_ *history, s *story) string {
	_, end, ok := s.told()
	if ok && !slices.Contains(fitting[end.Code], end.Delivered) {
		return fmt.Sprintf("code %q with delivered %q", end.Code, end.Delivered)
	}
	return ""
}

// toldInTime holds three bounds: the deadline, the caller's own cancel, and, when the
// process that executes the call is killed, the time of the dead. That may be spent twice:
// the link to the exchange may break just before the exchange could tell.
func toldInTime(h *history, s *story) string {
	call, end, ok := s.told()
	if !ok {
		return ""
	}
	if took := end.At - call.At; took > call.Deadline+h.slack {
		return fmt.Sprintf("took %v with a deadline of %v", took, call.Deadline)
	}
	if took := end.At - call.At; call.CancelAt > 0 && took > call.CancelAt+h.slack {
		return fmt.Sprintf("took %v, canceled after %v", took, call.CancelAt)
	}
	if len(s.begun) == 1 {
		killedAt, was := h.killed[s.begun[0].Process]
		if late := end.At - max(killedAt, call.At); was && late > 2*h.dead+h.slack {
			return fmt.Sprintf("told %v after its process was killed", late)
		}
	}
	return ""
}
