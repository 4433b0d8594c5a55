//go:build linux

package chaos_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The rules in this file are about what differs between the ways to call.

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

// fittingToo is what may come in one way to call beside that.
var fittingToo = map[string]map[string][]string{
	// Its service was withdrawn before it was answered.
	wayKept: {"aborted": {"yes"}},
	// The last failure speaks for all attempts.
	wayAgain: {"no_service": {"maybe"}, "busy": {"maybe"}, "draining": {"maybe"}},
	wayWeb:   {"aborted": {"yes"}, codeRefused: {"no"}, codeBroken: {"maybe"}},
}

// fittingRelayed is for requests that have been passed on, which never end with no.
var fittingRelayed = map[string][]string{"no_service": {"maybe"}, "busy": {"maybe"}, "draining": {"maybe"}}

func outcomeIsDefinite(_ *history, s *story) string {
	call, end, ok := s.told()
	fits := slices.Concat(fitting[end.Code], fittingToo[call.Way][end.Code])
	if len(s.relayed) > 0 {
		fits = append(fits, fittingRelayed[end.Code]...)
	}
	if !ok || slices.Contains(fits, end.Delivered) {
		return ""
	}
	if call.Way == wayStream && end.Delivered == "yes" {
		return "" // see streamIsWhole
	}
	return fmt.Sprintf("code %q with delivered %q", end.Code, end.Delivered)
}

// nothingWrong asks those who wrote the history.
func nothingWrong(_ *history, s *story) string {
	for _, r := range s.lines() {
		if r.Wrong != "" {
			return r.Process + ": " + r.Wrong
		}
	}
	return ""
}

// streamIsWhole: all results came, or a failure that says yes once one has come.
func streamIsWhole(_ *history, s *story) string {
	call, end, ok := s.told()
	if !ok || call.Way != wayStream {
		return ""
	}
	want := call.Wanted
	if call.Stop > 0 {
		want = call.Stop
	}
	switch {
	case end.Results > want:
		return fmt.Sprintf("%d results of %d", end.Results, want)
	case end.Code == "" && end.Results != want:
		return fmt.Sprintf("it ended well after %d results of %d", end.Results, want)
	case end.Code != "" && end.Results > 0 && end.Delivered != "yes":
		return fmt.Sprintf("%q after %d results", end.Delivered, end.Results)
	}
	return ""
}

// passedOnOnce: a forwarded request is executed because one handler has passed it on, and
// its caller is not told that a retry is safe from the moment that handler has started.
func passedOnOnce(_ *history, s *story) string {
	call, end, ok := s.told()
	if !ok || (call.Way != wayForward && len(s.relayed) == 0) {
		return ""
	}
	if call.Way == wayForward && len(s.begun) > 0 && len(s.relayed) == 0 {
		return "executed, and nobody has passed it on"
	}
	if len(s.relayed) > 1 {
		return fmt.Sprintf("passed on %d times", len(s.relayed))
	}
	if len(s.relayed) > 0 && end.Delivered == "no" {
		return "no, and a handler has started"
	}
	return ""
}

// calledBackItself: a call by address comes to the process that has made the first call.
func calledBackItself(h *history, s *story) string {
	first := h.calls[strings.TrimSuffix(s.id, backSuffix)]
	if first == s || len(s.begun) == 0 {
		return ""
	}
	if first == nil || len(first.asked) != 1 || first.asked[0].Process != s.begun[0].Process {
		return fmt.Sprintf("%s got the call back", s.begun[0].Process)
	}
	return ""
}

// limits are how many handlers an instance of a service may run at once.
var limits = map[string]int{workName: workLimit, aloneName: 1}

// crowds looks at each instance for more running handlers than its limit. One that keeps
// its request has left its place by the time it writes that down, or shortly after.
func (h *history) crowds() []string {
	var found []string
	for instance, lines := range h.work {
		slices.SortStableFunc(lines, func(a, b record) int { return int(a.At - b.At) })
		running := map[string]time.Duration{}
		for _, r := range lines {
			if r.Kind != begun {
				delete(running, r.ID)
				continue
			}
			running[r.ID] = r.At
			if limit, ok := limits[r.Service]; ok && instance != "" && len(running) > limit {
				found = append(found, fmt.Sprintf("%s %s runs %d handlers at %v, its limit is %d: %v", r.Service, instance, len(running), r.At, limit, running))
			}
		}
	}
	return found
}
