package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
)

// ServiceTable lists services, one a row.
func ServiceTable(services []exchange.ServiceInfo) *Table {
	t := &Table{Header: []string{"NAME", "INSTANCES", "STATE", "GROUPS", "METHODS"}}
	for _, s := range services {
		t.Add(s.Name, strconv.Itoa(len(s.Instances)), states(s.Instances), strings.Join(s.Groups, " "), some(s.Methods))
	}
	return t
}

// InstanceTable lists the instances of services, one a row.
func InstanceTable(services []exchange.ServiceInfo) *Table {
	t := &Table{Header: []string{"ADDRESS", "STATE", "IN FLIGHT", "VERSION", "SINCE", "PID", "HOST", "USER", "PROGRAM"}}
	for _, s := range services {
		for _, i := range s.Instances {
			t.Add(i.Address, i.State, strconv.Itoa(i.Inflight), i.Version, moment(i.Since),
				strconv.Itoa(i.PID), i.Host, i.User, i.Program)
		}
	}
	return t
}

// states sums up how instances are doing: "ready", or "2 ready, 1 suspect".
func states(instances []exchange.InstanceInfo) string {
	counts := map[string]int{}
	var order []string
	for _, i := range instances {
		if counts[i.State] == 0 {
			order = append(order, i.State)
		}
		counts[i.State]++
	}
	if len(order) == 1 {
		return order[0]
	}
	for n, state := range order {
		order[n] = fmt.Sprintf("%d %s", counts[state], state)
	}
	return strings.Join(order, ", ")
}

// some shows the first names of a list that may be long.
func some(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, " ")
	}
	shown := slices.Concat(names[:most], []string{fmt.Sprintf("+%d", len(names)-most)})
	return strings.Join(shown, " ")
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateTime)
}
