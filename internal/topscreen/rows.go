package topscreen

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
)

// row is one line of the table. Its texts are clean.
type row struct {
	name     string // of a service, or the address of an instance
	state    string
	ready    bool
	rate     *float64 // calls in a second; nil when nobody knows yet
	failing  float64  // failures in a second
	calls    uint64
	failures map[string]uint64
	failed   uint64
	inflight int
}

// rows are those that the filter lets pass, in the order asked for. What is equal in that is in
// the order of names and ages.
func (m model) rows() []row {
	rows := slices.DeleteFunc(m.all(), func(r row) bool {
		return !strings.Contains(strings.ToLower(r.name), strings.ToLower(m.filter))
	})
	slices.SortStableFunc(rows, func(a, b row) int {
		order := m.sort.compare(&a, &b)
		if m.reversed {
			return -order
		}
		return order
	})
	return rows
}

// all are the rows of the sample, by service and age.
func (m model) all() []row {
	var rows []row
	if m.sample == nil {
		return nil
	}
	for i := range m.sample.Instances {
		rows = append(rows, rowOf(&m.sample.Instances[i]))
	}
	if m.services {
		return m.merged(rows)
	}
	return rows
}

func rowOf(i *command.TopInstance) row {
	r := row{
		name: render.Clean(i.Instance), state: render.Clean(i.State), ready: i.State == "ready", rate: i.CallsPerSecond,
		calls: i.Calls, failures: i.Failures, failed: i.Failed(), inflight: i.Inflight,
	}
	if i.FailuresPerSecond != nil {
		r.failing = *i.FailuresPerSecond
	}
	return r
}

// merged makes one row of all that are of one service. They stand together.
func (m model) merged(instances []row) []row {
	var rows []row
	for at := 0; at < len(instances); {
		name := m.sample.Instances[at].Service
		end := at + 1
		for end < len(instances) && m.sample.Instances[end].Service == name {
			end++
		}
		merged := sum(instances[at:end])
		merged.name = render.Clean(name)
		rows = append(rows, merged)
		at = end
	}
	return rows
}

// sum is what rows are together. How many of them are ready is its state.
func sum(rows []row) row {
	total := row{failures: map[string]uint64{}, ready: true}
	ready := 0
	for _, r := range rows {
		if r.ready {
			ready++
		}
		total.ready = total.ready && r.ready
		if r.rate != nil {
			rate := *r.rate
			if total.rate != nil {
				rate += *total.rate
			}
			total.rate = &rate
		}
		total.failing += r.failing
		total.calls += r.calls
		total.failed += r.failed
		total.inflight += r.inflight
		for code, n := range r.failures {
			total.failures[code] += n
		}
	}
	total.state = fmt.Sprintf("%d/%d", ready, len(rows))
	return total
}

// codes are the failures by code, most first.
func (r *row) codes() string {
	codes := slices.SortedFunc(maps.Keys(r.failures), func(a, b string) int {
		return cmp.Or(-cmp.Compare(r.failures[a], r.failures[b]), cmp.Compare(a, b))
	})
	for i, code := range codes {
		codes[i] = fmt.Sprintf("%s %d", render.Clean(code), r.failures[code])
	}
	return strings.Join(codes, ", ")
}
