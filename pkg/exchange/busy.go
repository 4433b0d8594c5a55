package exchange

import (
	"fmt"
	"strings"

	"github.com/netsvc/netsvc/pkg/wire"
)

// reply is an instance's to an offer. All between gone and taken say that it takes no call now.
type reply uint8

const (
	gone    reply = iota // it is withdrawn, or its session has ended
	suspect              // nothing was heard from its process for too long
	limited              // it has as many calls as it announced that it takes
	crowded              // its session has as many calls as any may have
	unread               // the outbox of its session has no room
	taken                // the call is on its way
)

// replies counts what instances replied to one offer. Only who takes no call is counted, so
// that a call which is taken at once pays nothing for it.
type replies [taken]int

// busy is the failure of a call that no instance of the list takes now. It says what is in
// the way; r holds what each replied.
func (s *session) busy(list []*instance, r *replies) *answer {
	text := s.ex.busyCrowd(list, r)
	if len(list) == 1 {
		text = s.ex.busyOne(list[0], r)
	}
	refusal := newAnswer(wire.Failf(wire.CodeBusy, wire.No, "%s", text))
	return &refusal
}

// busyOne says what is true of the only instance.
func (e *Exchange) busyOne(i *instance, r *replies) string {
	who := wire.Address{Name: i.name, Number: i.number}.String()
	switch {
	case r[suspect] > 0:
		return who + " is suspect: nothing was heard from it for too long"
	case r[limited] > 0:
		return fmt.Sprintf("%s has its limit of %d calls, running and queued", who, i.limit)
	case r[crowded] > 0:
		return fmt.Sprintf("the process of %s has its limit of %d calls", who, maxSlots)
	}
	return fmt.Sprintf("%s is slow to read: its outbox of %d bytes has no room for the call", who, e.limits.Outbox)
}

// busyCrowd counts what is true of several.
func (e *Exchange) busyCrowd(list []*instance, r *replies) string {
	var parts []string
	add := func(n int, format string, args ...any) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d ", n)+fmt.Sprintf(format, args...))
		}
	}
	add(r[suspect], "suspect")
	add(r[limited], "at the limit of calls (%s)", limitsOf(list))
	add(r[crowded], "in a process at the limit of %d calls", maxSlots)
	add(r[unread], "slow to read (no room in an outbox of %d bytes)", e.limits.Outbox)
	add(r[gone], "gone")
	return fmt.Sprintf("no instance of %s takes a call now, of %d: %s", list[0].name, len(list), strings.Join(parts, ", "))
}

// limitsOf is the limit of the instances, from the least to the greatest where they differ.
func limitsOf(list []*instance) string {
	low, high := list[0].limit, list[0].limit
	for _, i := range list {
		low, high = min(low, i.limit), max(high, i.limit)
	}
	if low == high {
		return fmt.Sprintf("%d each", low)
	}
	return fmt.Sprintf("%d to %d each", low, high)
}
