package exchange

import (
	"context"
	"log/slog"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// act runs the core and carries out its effects. It returns the links that were given
// something to write; the caller flushes them, holding no lock.
func (e *Exchange) act(f func(*core) []effect) flushes {
	r := run{e: e}
	r.act(f)
	r.record()
	return r.dirty
}

func (r *run) act(f func(*core) []effect) {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	r.e.core.now = wallMillis()
	r.apply(f(r.e.core))
	r.finish()
}

// actAndWrite is act for those who are nobody's reader.
func (e *Exchange) actAndWrite(f func(*core) []effect) {
	owed := e.act(f)
	owed.write(true)
}

// run carries out the effects of one act.
type run struct {
	e       *Exchange
	dirty   flushes
	touched []*feed    // given changes that are not told yet
	pumped  []*session // with subscriptions that were given something to send

	expelled []expelled // only connect expels anybody, so only admit looks here
	notes    []note     // to be logged when no lock is held
}

// note is what an act did to an instance.
type note struct {
	what string
	on   *instance
}

// note keeps what is to be logged, if anybody wants to read it.
func (r *run) note(what string, i *instance) {
	if i.name != "" && r.e.log.Enabled(context.Background(), slog.LevelDebug) {
		r.notes = append(r.notes, note{what, i})
	}
}

// record logs what was done.
func (r *run) record() {
	for _, n := range r.notes {
		address := wire.Address{Name: n.on.name, Number: n.on.number}
		r.e.log.Debug(n.what, "instance", address.String(), "session", n.on.session.number)
	}
}

// finish tells watches the changes of the act, many to a frame.
func (r *run) finish() {
	r.pumpAll()
	for _, w := range r.touched {
		w.touched = false
		r.added(w.session, w.tell())
		if w.isStale() && !w.session.link.WantDrain() {
			r.apply(r.e.core.renew(w.id))
		}
	}
}

func (r *run) apply(effects []effect) {
	for _, f := range effects {
		r.one(f)
	}
}

// one carries out one effect. Sessions that are gone are passed over: their links are
// closed and their end is on its way.
func (r *run) one(f effect) {
	switch f := f.(type) {
	case send:
		r.append(f.to, wire.AppendMessage(nil, f.id, 0, f.msg))
	case acknowledge:
		r.append(f.to, doneFrame(f.id))
	case refuse:
		r.append(f.to, wire.AppendFailure(nil, wire.Header{Kind: wire.KindRefused, ID: f.id}, f.failure))
	case place:
		r.place(f)
	case unplace:
		r.unplace(f)
	case expel:
		r.expel(f)
	case route, unroute, handle:
		r.routing(f)
	case tell, present, forget:
		r.watching(f)
	case subscribe, opened, attachTo, detachFrom, narrow, cease:
		r.subscribing(f)
	}
}

func doneFrame(id uint64) []byte {
	return wire.AppendHeader(nil, &wire.Header{Kind: wire.KindDone, ID: id}, 0)
}

// append gives a session a control frame, which is never dropped.
func (r *run) append(to uint32, frame []byte) {
	if s := r.e.sessions[to]; s != nil {
		r.added(s, s.link.AppendBytes(frame))
	}
}

func (r *run) added(s *session, a link.Added) {
	r.dirty.owe(s.link, a)
	if a == link.Full {
		s.link.Close(link.ErrSlow)
	}
}

func (r *run) place(f place) {
	s := r.e.sessions[f.session]
	if s == nil {
		return
	}
	i := &instance{session: s, name: f.name, number: f.number, handle: f.handle, limit: int32(f.limit)}
	if !s.put(i) {
		s.link.Close(violation("too many withdrawn instances with unanswered calls"))
		return
	}
	r.e.instances[f.number] = i
	r.note("instance announced", i)
	s.placed[f.handle] = i
}

func (r *run) unplace(f unplace) {
	i := r.e.instances[f.number]
	if i == nil {
		return
	}
	delete(r.e.instances, f.number)
	r.note("instance withdrawn", i)
	r.silence(i)
	var ack []byte
	if f.to != 0 {
		delete(i.session.placed, i.handle)
		ack = doneFrame(f.id)
	}
	r.added(i.session, i.session.withdraw(i, ack))
}

// expel notes a session that ends. Telling it so writes to its socket, which farewells does
// when no lock is held.
func (r *run) expel(f expel) {
	if s := r.e.sessions[f.session]; s != nil {
		r.expelled = append(r.expelled, expelled{s, f.reason})
	}
}

// expelled is a session that is to be told that it ended.
type expelled struct {
	session *session
	reason  wire.Reason
}

// farewells ends the sessions that the act has expelled.
func (r *run) farewells() {
	for _, x := range r.expelled {
		bye := wire.AppendMessage(nil, 0, 0, &wire.Bye{Reason: x.reason, Text: errReplaced.Error()})
		x.session.link.CloseAfter(bye, errReplaced)
	}
}

// routing carries out what concerns targets and handles.
func (r *run) routing(f effect) {
	switch f := f.(type) {
	case route:
		t := r.e.targets[f.key]
		if t == nil {
			t = newTarget(f.key)
			r.e.targets[f.key] = t
		}
		list := make([]*instance, 0, len(f.numbers))
		for _, n := range f.numbers {
			if i := r.e.instances[n]; i != nil {
				list = append(list, i)
			}
		}
		t.list.Store(&list)
	case unroute:
		delete(r.e.targets, f.key)
	case handle:
		if s := r.e.sessions[f.session]; s != nil {
			s.setTarget(f.handle, r.e.targets[f.key])
		}
	}
}

// setTarget binds a handle, or unbinds it with nil. Handles are bound by the session's own
// frames only, so this runs on its reader.
func (s *session) setTarget(handle uint32, t *target) {
	for uint32(len(s.targets)) <= handle {
		s.targets = append(s.targets, nil)
	}
	s.targets[handle] = t
}

// watching carries out what concerns watches.
func (r *run) watching(f effect) {
	switch f := f.(type) {
	case tell:
		r.tell(f)
	case present:
		s := r.e.sessions[f.watch.session]
		if s == nil {
			return
		}
		w := s.feed(f.watch.id, true)
		r.added(s, w.begin(f))
	case forget:
		if s := r.e.sessions[f.watch.session]; s != nil {
			s.dropFeed(f.watch.id)
		}
	}
}

// tell gives watches a change, which finish tells. It is encoded once, and not at all for
// those who are to be told everything anew.
func (r *run) tell(f tell) {
	var encoded []byte
	for _, id := range f.watches {
		w := r.feed(id)
		if w == nil || w.isStale() {
			continue
		}
		if encoded == nil {
			encoded = wire.EncodeEvent(f.event)
		}
		w.push(encoded)
		if !w.touched {
			w.touched = true
			r.touched = append(r.touched, w)
		}
	}
}

// feed finds that of a watch, nil when it has ended.
func (r *run) feed(id watchID) *feed {
	s := r.e.sessions[id.session]
	if s == nil {
		return nil
	}
	return s.feed(id.id, false)
}
