package exchange

import "github.com/netsvc/netsvc/pkg/wire"

// effect is one thing the core wants done. The shell carries them out in order, under the
// lock that guards the core, so what processes see has the order of the core's decisions.
// Only types in this file implement it.
//
//sumtype:decl
type effect interface{ effect() }

// send answers a control request, or tells a session something.
type send struct {
	to  uint32
	id  uint64
	msg wire.Message
}

// acknowledge answers a control request that has nothing to say but Done.
type acknowledge struct {
	to uint32
	id uint64
}

// refuse answers a control request with a failure.
type refuse struct {
	to      uint32
	id      uint64
	failure *wire.Failure
}

// place makes an instance able to take calls.
type place struct {
	session, number, handle uint32
	name                    string
	limit                   int // calls handed on at a time: running and waiting
}

// unplace ends that: no request follows for it. When to is not zero, the request id of that
// session is acknowledged in the same outbox, behind the last request.
type unplace struct {
	number uint32
	to     uint32
	id     uint64
}

// route sets the instances that a bound target reaches.
type route struct {
	key     key
	numbers []uint32
}

// unroute forgets a target nobody has bound any more.
type unroute struct{ key key }

// handle gives a session's handle to a target; a zero key takes it away.
type handle struct {
	session, handle uint32
	key             key
}

// tell sends an event to watches.
type tell struct {
	event   *wire.Event
	watches []watchID
}

// present begins a watch, or begins it anew, with what there is.
type present struct {
	watch watchID
	reset bool
	scope scope
	rev   uint64
	infos []*wire.Info

	subscribers []subscriber // of a watch of an instance's subscribers, which has no infos
}

// forget ends a watch.
type forget struct{ watch watchID }

// expel ends a session.
type expel struct {
	session uint32
	reason  wire.Reason
}

// subscribe makes a subscription. It is attached to publishers, but sends nothing before
// it is opened.
type subscribe struct {
	sub      subID
	policy   wire.Policy
	queue    int // reports that may wait; 0 for the standard
	patterns []string
}

// opened ends the attaching that belongs to a Subscribe: what is retained has been collected.
type opened struct{ sub subID }

// attachTo brings a subscription the reports of an instance, what it retains first.
type attachTo struct {
	number uint32
	sub    subID
}

// detachFrom ends that.
type detachFrom struct {
	number uint32
	sub    subID
}

// narrow gives a subscription fewer patterns.
type narrow struct {
	sub      subID
	patterns []string
}

// cease ends a subscription: nothing of it follows, but the word that it has ended when its
// session is to be told.
type cease struct {
	sub  subID
	told bool
}

func (send) effect()        {}
func (acknowledge) effect() {}
func (refuse) effect()      {}
func (place) effect()       {}
func (unplace) effect()     {}
func (route) effect()       {}
func (unroute) effect()     {}
func (handle) effect()      {}
func (tell) effect()        {}
func (present) effect()     {}
func (forget) effect()      {}
func (expel) effect()       {}
func (subscribe) effect()   {}
func (opened) effect()      {}
func (attachTo) effect()    {}
func (detachFrom) effect()  {}
func (narrow) effect()      {}
func (cease) effect()       {}
