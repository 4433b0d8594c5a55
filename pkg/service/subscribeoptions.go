package service

import (
	"context"
	"math"
	"unicode/utf8"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Overflow says which reports are lost when more wait than may; its String is the word of the
// contract. Whatever is lost is told as a gap.
type Overflow = wire.Policy

// What a subscription loses.
const (
	DropOldest = wire.PolicyDropOldest // the oldest go, one by one
	Latest     = wire.PolicyLatest     // a newer report takes the place of an older one of its publisher and subject
	Disconnect = wire.PolicyDisconnect // none: the subscription ends as ErrSlow
)

// SubscribeOptions say whose reports are wanted, and which. Exactly one of Service, Group and
// Address is set.
type SubscribeOptions struct {
	Service string  // all instances of that name, now and later; '*' and '?' select several names, "*" all
	Group   string  // all members of a group, now and later
	Address Address // one instance, also a hidden one; its Origin may be zero

	// Subjects are patterns, 64 at most: '*' is any run of characters, '?' any one. A report that
	// several select comes once. None means all subjects.
	Subjects []string

	// Overflow says what is lost when the reader is too slow. Zero means DropOldest.
	Overflow Overflow
	// Queue is how many reports may wait for the reader here, and as many in the exchange,
	// 65,536 at most. They have 8 MiB at each place. Zero means 16,384.
	Queue int

	// OnReport, if not nil, gets the reports, one at a time and in order, on a goroutine of
	// the subscription's own; Next is not for use then. Its context ends with the
	// subscription. A panic is logged, and the next report comes; runtime.Goexit ends the
	// subscription as Close does.
	OnReport func(ctx context.Context, r Report)
	// OnGap is told, between two reports, how many are missing there. It must be set with
	// OnReport, and only then: a reader without a gap in mind would take what it gets for all
	// there was.
	OnGap func(ctx context.Context, gap *GapError)
}

// Bounds of a subscription.
const (
	defaultBacklog  = 16_384
	maxBacklog      = 65_536
	maxBacklogBytes = 8 << 20
	maxPatterns     = 64
)

// message is the options as the exchange reads them. The error says what is wrong.
func (o *SubscribeOptions) message() (*wire.Subscribe, error) {
	m := &wire.Subscribe{Policy: o.Overflow, Queue: uint32(o.Queue)}
	if err := o.target(m); err != nil {
		return nil, err
	}
	switch {
	case len(o.Subjects) > maxPatterns:
		return nil, badParams("%d subjects are over the limit of %d for a subscription", len(o.Subjects), maxPatterns)
	case !o.Overflow.Known():
		return nil, badParams("overflow %d is none of this version", o.Overflow)
	case o.Queue < 0 || o.Queue > maxBacklog:
		return nil, badParams("a queue of %d reports is not between 0 and %d", o.Queue, maxBacklog)
	case (o.OnReport == nil) != (o.OnGap == nil):
		return nil, badParams("OnReport and OnGap are set together, or neither is")
	}
	for _, pattern := range o.Subjects {
		if err := value.CheckPattern(pattern); err != nil {
			return nil, badParams("%v", err)
		}
	}
	m.Patterns = append(m.Patterns, o.Subjects...)
	return m, nil
}

// target says whose reports are wanted.
func (o *SubscribeOptions) target(m *wire.Subscribe) error {
	set := 0
	if o.Service != "" {
		set++
		m.Scope, m.Target = wire.ScopeGlob, o.Service
	}
	if o.Group != "" {
		set++
		m.Scope, m.Target = wire.ScopeGroup, o.Group
		if err := value.CheckGroupName(o.Group); err != nil {
			return badParams("%v", err)
		}
	}
	if !o.Address.IsZero() {
		set++
		m.Scope, m.Target, m.Origin = wire.ScopeAddress, o.Address.String(), o.Address.Origin
	}
	switch {
	case set != 1:
		return badParams("a subscription has one of service, group and address, not %d", set)
	case len(o.Service) > maxGlob || !utf8.ValidString(o.Service):
		return badParams("a pattern of names is UTF-8 of %d bytes at most, not %.80q", maxGlob, o.Service)
	}
	if _, _, ok := wire.ParseTarget(m.Target); m.Scope == wire.ScopeAddress && !ok {
		return badParams("%.80q is no address like math@3", m.Target)
	}
	return nil
}

// backlog is how many reports may wait here.
func (o *SubscribeOptions) backlog() int {
	if o.Queue == 0 {
		return defaultBacklog
	}
	return o.Queue
}

// watch is the options of a watch of the same scope.
func (o *SubscribeOptions) watch() WatchOptions {
	return WatchOptions{Glob: o.Service, Group: o.Group, Address: o.Address}
}

// badParams is the failure of a caller who asked for what cannot be.
func badParams(format string, args ...any) *wire.Failure {
	return wire.Failf(wire.CodeBadParams, wire.No, format, args...)
}

// gapOf is the gap of so many reports.
func gapOf(lost uint64) *GapError {
	if lost == math.MaxUint64 {
		return &GapError{Unknown: true}
	}
	return &GapError{Count: lost}
}
