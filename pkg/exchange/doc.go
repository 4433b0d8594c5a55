// Package exchange joins processes: each keeps one connection to an Exchange, announces
// services on it, finds, calls and watches those of others through it, and hears what they
// publish.
//
//	ex, err := exchange.New(nil)
//	addr, err := ex.Listen("tcp", "127.0.0.1:11111")
//	...
//	err = ex.Shutdown(ctx) // finish what is open, then close
//
// An Exchange is a library object: a program may embed one and connect to it in memory
// with [Exchange.Dial]. Its methods may be called from any goroutine.
//
// # Two planes
//
// The control plane - who is connected, announced, bound, watching and subscribed - is a
// core without goroutine, lock, clock or socket: a message goes in, effects come out. The
// data plane moves requests, answers and reports: the goroutine that reads a session's
// socket appends each still-encoded request to the outbox of an instance's session, and each
// report to those of all who are subscribed, and writes it there at the end of its batch. It
// decodes nothing, waits for nobody, and allocates nothing but to keep a report that has to
// wait or is retained.
//
// # Order
//
// Frames of one session take effect in the order sent. Requests from one session to one
// instance are delivered in that order. Nothing is promised across instances or sessions,
// nor between a registry event and a call's failure.
//
// Reports of one publisher come to each subscription in the order published; a new one gets
// what is retained first, and then each change.
//
// # One outcome
//
// Each call has one slot in its callee's session. Whoever moves the slot out of open sends
// the caller its one terminal frame; see the call table in PROTOCOL.md.
//
// # Slow sessions
//
// Each session has an outbox of Limits.Outbox bytes. A request that does not fit is refused
// as busy, a registry event that does not fit is replaced by a reset and a new snapshot, a
// large answer that does not fit becomes a small failure, and a session that has no room for
// that is closed. A report that does not fit waits in the queue of its subscription; when that
// is full some are lost, by the subscription's policy, and their number is told in their
// place. So one stuck process never delays or harms another.
//
// # Locks
//
// Exchange.mu guards the core and its images; an outlet's mutex one publisher's subscriptions
// and retained values, a subscription's what waits for it; a session's callers.mu guards where the calls it
// has made went, its call mutex the slots of the calls it was given; a link's mutex its
// outbox. They are taken in this order, and no two of one kind at a time. The outcome of a
// call is appended under the mutex that decided it.
package exchange
