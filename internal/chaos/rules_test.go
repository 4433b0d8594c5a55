//go:build linux

package chaos_test

import (
	"fmt"
	"maps"
	"slices"
)

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
	{"nothing looked wrong", nothingWrong},
	{"a stream is whole and in order", streamIsWhole},
	{"passed on once", passedOnOnce},
	{"called back by address", calledBackItself},
}

// violation is what is wrong, and with which call; nil for none.
type violation struct {
	text  string
	story *story
}

// violations applies all rules, and looks for leaks.
func (h *history) violations() []violation {
	var found []violation
	for _, id := range slices.Sorted(maps.Keys(h.calls)) {
		s := h.calls[id]
		for _, r := range rules {
			if what := r.check(h, s); what != "" {
				found = append(found, violation{fmt.Sprintf("%s: %s: %s", r.name, id, what), s})
			}
		}
	}
	for _, what := range h.crowds() {
		found = append(found, violation{"the limit holds: " + what, nil})
	}
	for _, r := range h.closed {
		if r.Leaks != "" {
			found = append(found, violation{fmt.Sprintf("nothing is left open: %s: %s", r.Process, r.Leaks), nil})
		}
	}
	return found
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
	again := len(s.asked) == 1 && s.asked[0].Way == wayAgain
	if (len(s.begun) > 1 && !again) || len(s.finished) > len(s.begun) {
		return fmt.Sprintf("begun %d times, finished %d times", len(s.begun), len(s.finished))
	}
	return ""
}

// resultWasExecuted leaves out what need not be over: requests that want no answer, and
// streams that their caller has left. Calls to all are executed as the calls they consist of.
func resultWasExecuted(_ *history, s *story) string {
	call, end, ok := s.told()
	if !ok || call.Way == wayOneWay || call.Way == wayAll || (end.Code == "" && call.Stop > 0 && end.Results == call.Stop) {
		return ""
	}
	if wasExecuted := end.Code == "" || end.Delivered == "yes"; !wasExecuted {
		return ""
	}
	if len(s.relayed) > 0 && end.Code != "" {
		return "" // the handler that was to forward it has failed
	}
	if len(s.begun) == 0 || (end.Code == "" && len(s.finished) == 0) {
		return fmt.Sprintf("begun %d times, finished %d times", len(s.begun), len(s.finished))
	}
	return ""
}

func resultFits(_ *history, s *story) string {
	call, end, ok := s.told()
	if !ok || len(s.begun) == 0 || call.Way == wayOneWay {
		return ""
	}
	if end.Code == "" && end.Result != s.id {
		return fmt.Sprintf("the result is that of %q", end.Result)
	}
	if end.Code != "" && call.Way == wayAgain {
		return "" // the last attempt need not be one that was executed
	}
	executed := func(r record) bool { return r.Instance == end.Instance }
	if end.Instance != "" && !slices.ContainsFunc(s.begun, executed) {
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
	if len(s.begun) == 1 && call.Way != wayAgain {
		killedAt, was := h.killed[s.begun[0].Process]
		if late := end.At - max(killedAt, call.At); was && late > 2*h.dead+h.slack {
			return fmt.Sprintf("told %v after its process was killed", late)
		}
	}
	return ""
}
