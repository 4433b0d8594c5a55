package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/netsvc/netsvc/pkg/exchange"
)

// StatsTable lists what is counted of instances, one a row.
type StatsTable struct {
	Table
	asked bool // there are columns for what the instances themselves say
}

// NewStatsTable makes the table. Asked says that the instances were asked, too.
func NewStatsTable(asked bool) *StatsTable {
	t := &StatsTable{asked: asked}
	t.Header = []string{"ADDRESS", "STATE", "IN FLIGHT"}
	if asked {
		t.Header = append(t.Header, "WAITING", "LIMIT")
	}
	t.Header = append(t.Header, "CALLS", "FAILED", "FAILURES")
	return t
}

// AddInstance adds the row of an instance. system is what it says of itself, one JSON document,
// nil when it says nothing.
func (t *StatsTable) AddInstance(row *exchange.InstanceRow, system []byte) {
	var says struct{ Waiting, Limit *uint64 }
	if json.Unmarshal(system, &says) != nil { // of nobody, or of somebody who counts in another way
		says.Waiting, says.Limit = nil, nil
	}
	t.add(row, numberOrDash(says.Waiting), numberOrDash(says.Limit))
}

// AddSilent adds the row of an instance that did not answer, and why.
func (t *StatsTable) AddSilent(row *exchange.InstanceRow, why string) { t.add(row, why, "-") }

func (t *StatsTable) add(row *exchange.InstanceRow, own ...string) {
	cells := []string{row.Address, row.State, strconv.Itoa(row.Inflight)}
	if t.asked {
		cells = append(cells, own...)
	}
	failed, codes := uint64(0), []string{}
	for _, code := range slices.Sorted(maps.Keys(row.Failures)) {
		failed += row.Failures[code]
		codes = append(codes, fmt.Sprintf("%s %d", code, row.Failures[code]))
	}
	t.Add(append(cells, strconv.FormatUint(row.Calls, 10), strconv.FormatUint(failed, 10), strings.Join(codes, ", "))...)
}

func numberOrDash(n *uint64) string {
	if n == nil {
		return "-"
	}
	return strconv.FormatUint(*n, 10)
}
