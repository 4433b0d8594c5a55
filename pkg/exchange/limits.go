package exchange

import (
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Limits bound what sessions may take of an exchange. A zero field means its default, the
// number in its comment. What a refused process is told names the limit and its value.
type Limits struct {
	Sessions      int           `json:"sessions"`       // 10,000 connected processes
	Instances     int           `json:"instances"`      // 1,024 announced by one session
	Handles       int           `json:"handles"`        // 16,384 names and addresses bound by one session
	Watches       int           `json:"watches"`        // 1,024 of one session
	Subscriptions int           `json:"subscriptions"`  // 10,000 of one session
	Patterns      int           `json:"patterns"`       // 64 of one subscription
	AllPatterns   int           `json:"all_patterns"`   // 10,000 of all subscriptions of one session
	Retained      int           `json:"retained"`       // 10,000 subjects with a retained value, of one session
	RetainedBytes int           `json:"retained_bytes"` // 64 MiB of retained values of one session
	ReportBytes   int           `json:"report_bytes"`   // 8 MiB of reports that wait for one subscription
	ReportsBytes  int           `json:"reports_bytes"`  // 32 MiB of reports that wait for all subscriptions of one session
	Pending       int           `json:"pending"`        // 65,536 open calls of one session
	Groups        int           `json:"groups"`         // 64 of one instance
	Methods       int           `json:"methods"`        // 1,024 of one instance
	MaxFrame      int           `json:"max_frame"`      // 4 MiB, in bytes
	Outbox        int           `json:"outbox"`         // 8 MiB, in bytes
	Deadline      time.Duration `json:"deadline"`       // 1 h for one call
}

// withDefaults fills the zero fields.
func (l Limits) withDefaults() Limits {
	fill := func(n *int, standard int) {
		if *n <= 0 {
			*n = standard
		}
	}
	fill(&l.Sessions, 10_000)
	fill(&l.Instances, 1_024)
	fill(&l.Handles, 16_384)
	fill(&l.Watches, 1_024)
	fill(&l.Subscriptions, 10_000)
	fill(&l.Patterns, 64)
	fill(&l.AllPatterns, 10_000)
	fill(&l.Retained, 10_000)
	fill(&l.RetainedBytes, 64<<20)
	fill(&l.ReportBytes, 8<<20)
	fill(&l.ReportsBytes, 32<<20)
	fill(&l.Pending, 65_536)
	fill(&l.Groups, 64)
	fill(&l.Methods, 1_024)
	fill(&l.MaxFrame, 4<<20)
	fill(&l.Outbox, link.DefaultOutbox)
	if l.Deadline <= 0 {
		l.Deadline = time.Hour
	}
	return l
}

// onWire is the form of the limits in Welcome.
func (l Limits) onWire() wire.Limits {
	return wire.Limits{
		MaxFrame:      uint32(l.MaxFrame),
		Outbox:        uint32(l.Outbox),
		Pending:       uint32(l.Pending),
		Instances:     uint32(l.Instances),
		Handles:       uint32(l.Handles),
		Watches:       uint32(l.Watches),
		Subscriptions: uint32(l.Subscriptions),
		Groups:        uint32(l.Groups),
		Methods:       uint32(l.Methods),
		DeadlineMS:    wire.Millis(l.Deadline),
	}
}

// What an instance gets that announces no limits of its own.
const (
	defaultLimit = 256   // running handlers
	defaultQueue = 1_024 // waiting calls
)

// What a subscription gets that names no queue of its own, and the most it may name.
const (
	defaultQueueReports = 16_384
	maxQueueReports     = 65_536
)
