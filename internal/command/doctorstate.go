package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// nearly is the part of a limit, in percent, from which on it is worth a warning.
const nearly = 80

func nearlyAll(n, limit int) bool { return limit > 0 && n*100 >= limit*nearly }

// checkLimits finds out which limits of the exchange will soon refuse something.
func (d *doctor) checkLimits(limits exchange.Limits, stats exchange.Totals, sessions []exchange.SessionInfo) {
	const check = "limits"
	before := len(d.findings)
	if nearlyAll(stats.Sessions, limits.Sessions) {
		d.warn(check, "netsvc exchange --sessions N raises it; netsvc sessions lists them",
			"%d of %d sessions are taken", stats.Sessions, limits.Sessions)
	}
	for _, s := range sessions {
		if nearlyAll(s.OpenCalls, limits.Pending) {
			d.warn(check, "netsvc exchange --pending N raises it", "%s has %d of %d calls in flight", process(s), s.OpenCalls, limits.Pending)
		}
		if nearlyAll(len(s.Services), limits.Instances) {
			d.warn(check, "netsvc exchange --instances N raises it", "%s has announced %d of %d instances", process(s), len(s.Services), limits.Instances)
		}
	}
	if len(d.findings) == before {
		calls := max(0, stats.OpenCalls-1) // without the one that asked
		d.ok(check, "%d of %d sessions, calls in flight: %d", stats.Sessions, limits.Sessions, calls)
	}
}

// process names a connected process.
func process(s exchange.SessionInfo) string {
	return fmt.Sprintf("%s (pid %d) on %s", s.Program, s.PID, s.Host)
}

// checkSessions finds the processes that do not keep up, and what became of such.
func (d *doctor) checkSessions(limits exchange.Limits, stats exchange.Totals, sessions []exchange.SessionInfo) {
	const check = "sessions"
	before := len(d.findings)
	for _, s := range sessions {
		switch {
		case s.State == stateSuspect:
			d.warn(check, "is it stopped, or its machine overloaded?", "%s has been silent for too long", process(s))
		case s.QueueBytes*2 >= limits.Outbox:
			d.warn(check, "it reads too slowly", "%d bytes wait for %s", s.QueueBytes, process(s))
		}
	}
	if stats.SlowSessions+stats.FrozenSessions > 0 {
		d.warn(check, "the log of the exchange names them", "since it started, %d processes were given up as too slow and %d as silent",
			stats.SlowSessions, stats.FrozenSessions)
	}
	if stats.Violations > 0 {
		d.warn(check, "the log of the exchange names them", "since it started, %d processes broke the protocol", stats.Violations)
	}
	if len(d.findings) == before {
		d.ok(check, "all %d keep up", stats.Sessions)
	}
}

// The states of instances and sessions that are not ready.
const (
	stateSuspect  = "suspect"
	stateDraining = "draining"
)

// checkReports finds the processes that have lost reports.
func (d *doctor) checkReports(sessions []exchange.SessionInfo) {
	const check = "reports"
	lost := false
	for _, s := range sessions {
		if s.LostReports > 0 {
			lost = true
			d.warn(check, "it subscribes to more than it reads, which its gaps tell it", "%s has lost %d reports", process(s), s.LostReports)
		}
	}
	if !lost {
		d.ok(check, "no connected process has lost any")
	}
}

// checkInstances finds the instances that get no calls.
func (d *doctor) checkInstances(ctx context.Context, conn *service.Conn) {
	const check = "instances"
	within, cancel := d.within(ctx)
	defer cancel()
	services, err := servicesOf(within, conn, "", "")
	if err != nil {
		d.fail(check, "", "the exchange does not tell them: %v", err)
		return
	}
	total, suspect, draining := 0, []string{}, []string{}
	for _, s := range services {
		for _, i := range s.Instances {
			total++
			switch i.State {
			case stateSuspect:
				suspect = append(suspect, i.Address)
			case stateDraining:
				draining = append(draining, i.Address)
			}
		}
	}
	if len(suspect) > 0 {
		d.warn(check, "their processes are silent: stopped, or overloaded?", "suspect, so that they get no calls: %s", some(suspect))
	}
	if len(draining) > 0 {
		d.warn(check, "they are about to end", "draining, so that they get no calls: %s", some(draining))
	}
	if len(suspect)+len(draining) == 0 {
		d.ok(check, "all %d are ready", total)
	}
}

// maxNamed is how many of many a message names.
const maxNamed = 5

// some names the first of many.
func some(names []string) string {
	if len(names) <= maxNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), len(names)-maxNamed)
}
