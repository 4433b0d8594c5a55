//go:build linux

package chaos_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	forgedDead  = 2 * time.Second
	forgedSlack = time.Second
)

// forged is a history in which a call goes well; a change makes it a bad one.
func forged() []record {
	return []record{
		{Kind: asked, At: 10 * time.Second, Process: "caller", ID: "1", Deadline: 20 * time.Second},
		{Kind: begun, At: 11 * time.Second, Process: "replica", ID: "1", Instance: "a/3"},
		{Kind: finished, At: 12 * time.Second, Process: "replica", ID: "1", Instance: "a/3"},
		{Kind: outcome, At: 13 * time.Second, Process: "caller", ID: "1", Result: "1", Instance: "a/3"},
		{Kind: closed, At: 14 * time.Second, Process: "caller"},
	}
}

// Places in what forged returns.
const (
	theCall = iota
	theBegin
	theFinish
	theOutcome
	theClose
)

// fail turns the outcome into a failure.
func fail(records []record, code, delivered string) {
	records[theOutcome].Code, records[theOutcome].Delivered, records[theOutcome].Result = code, delivered, ""
}

// without leaves records out, last place first.
func without(records []record, places ...int) []record {
	for _, place := range places {
		records = slices.Delete(records, place, place+1)
	}
	return records
}

// badHistory is one that a rule must find wrong.
type badHistory struct {
	name string
	bad  func(r []record) []record
	want string // the rule that must speak
}

// goodHistory is one that all rules must leave alone.
type goodHistory struct {
	name string
	good func(r []record) []record
}

func TestRulesFindWhatIsWrong(t *testing.T) {
	tests := []badHistory{
		{"no outcome", func(r []record) []record { return without(r, theOutcome) }, "one call, one outcome"},
		{"two outcomes", func(r []record) []record { return append(r, r[theOutcome]) }, "one call, one outcome"},
		{"an outcome of a call that nobody made", func(r []record) []record { return without(r, theCall) }, "one call, one outcome"},
		{"two outcomes of a caller that was killed", func(r []record) []record {
			return append(r, r[theOutcome], record{Kind: killed, At: 15 * time.Second, Process: "caller"})
		}, "one call, one outcome"},
		{"executed though told no", func(r []record) []record { fail(r, "busy", "no"); return r }, "no means not executed"},
		{"executed after it was told no", func(r []record) []record {
			fail(r, "timeout", "no")
			r[theBegin].At, r[theFinish].At = 18*time.Second, 19*time.Second
			return r
		}, "no means not executed"},
		{"executed twice", func(r []record) []record { return append(r, r[theBegin]) }, "executed once at most"},
		{"finished and never begun", func(r []record) []record { return without(r, theBegin) }, "executed once at most"},
		{"a result of nobody", func(r []record) []record { return without(r, theFinish, theBegin) }, "a result was executed"},
		{"a result before the end", func(r []record) []record { return without(r, theFinish) }, "a result was executed"},
		{"a failure of the handler that never ran", func(r []record) []record {
			fail(r, "application", "yes")
			return without(r, theFinish, theBegin)
		}, "a result was executed"},
		{"the result of another call", func(r []record) []record { r[theOutcome].Result = "2"; return r }, "the result is of this call"},
		{"the result of another instance", func(r []record) []record { r[theOutcome].Instance = "a/4"; return r }, "the result is of this call"},
		{"a result of an instance that was lost before", func(r []record) []record {
			return append(r,
				record{Kind: asked, At: 8 * time.Second, Process: "caller", ID: "0", Deadline: 20 * time.Second},
				record{Kind: outcome, At: 9 * time.Second, Process: "caller", ID: "0", Code: "lost", Delivered: "maybe", Instance: "a/3"})
		}, "the lost stay lost"},
		{"busy, maybe", func(r []record) []record { fail(r, "busy", "maybe"); return r }, "code and delivered fit"},
		{"a failure without delivered", func(r []record) []record { fail(r, "timeout", ""); return r }, "code and delivered fit"},
		{"nothing better is known", func(r []record) []record { fail(r, "unknown", "maybe"); return r }, "code and delivered fit"},
		{"told long after the deadline", func(r []record) []record { r[theCall].Deadline = time.Second; return r }, "told in time"},
		{"told long after the cancel", func(r []record) []record { r[theCall].CancelAt = time.Second; return r }, "told in time"},
		{"told long after its process was killed", func(r []record) []record {
			fail(r, "lost", "maybe")
			r[theOutcome].At = 18 * time.Second
			return append(without(r, theFinish), record{Kind: killed, At: 12 * time.Second, Process: "replica"})
		}, "told in time"},
		{"a leak", func(r []record) []record { r[theClose].Leaks = "3 goroutines"; return r }, "nothing is left open"},
	}
	for _, tt := range append(tests, badWays...) {
		t.Run(tt.name, func(t *testing.T) {
			got := newHistory(tt.bad(forged()), forgedDead, forgedSlack).violations()
			if !slices.ContainsFunc(got, func(v violation) bool { return strings.HasPrefix(v.text, tt.want+":") }) {
				t.Errorf("violations = %+v, want one of %q", got, tt.want)
			}
		})
	}
}

func TestRulesLeaveGoodHistoriesAlone(t *testing.T) {
	tests := []goodHistory{
		{"a result", func(r []record) []record { return r }},
		{"a caller that was killed before it was told", func(r []record) []record {
			return append(without(r, theOutcome), record{Kind: killed, At: 13 * time.Second, Process: "caller"})
		}},
		{"a replica that was killed in the call", func(r []record) []record {
			fail(r, "lost", "maybe")
			return append(without(r, theFinish), record{Kind: killed, At: 12 * time.Second, Process: "replica"})
		}},
		{"refused", func(r []record) []record { fail(r, "busy", "no"); return without(r, theFinish, theBegin) }},
		{"executed, and its caller does not know", func(r []record) []record { fail(r, "unreachable", "maybe"); return r }},
		{"a result on its way when the instance was lost", func(r []record) []record {
			return append(r,
				record{Kind: asked, At: 8 * time.Second, Process: "caller", ID: "0", Deadline: 20 * time.Second},
				record{Kind: outcome, At: 12 * time.Second, Process: "caller", ID: "0", Code: "lost", Delivered: "maybe", Instance: "a/3"})
		}},
	}
	for _, tt := range append(tests, goodWays...) {
		t.Run(tt.name, func(t *testing.T) {
			if got := newHistory(tt.good(forged()), forgedDead, forgedSlack).violations(); len(got) > 0 {
				t.Errorf("violations = %+v, want none", got)
			}
		})
	}
}
