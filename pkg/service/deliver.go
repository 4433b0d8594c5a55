package service

import (
	"context"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// deliver takes a request to one of the session's instances. What can be answered without
// the service's func is answered here.
func (s *session) deliver(h *wire.Header, body []byte) error {
	handle, req, err := wire.ParseDeliver(body)
	if err != nil {
		return err
	}
	slot, _ := wire.SplitCallID(h.ID)
	cell := s.delivered.cell(slot)
	switch {
	case cell == nil:
		return violation("slot %d is over the limit of %d", slot, maxDelivered)
	case cell.Load() != nil:
		return violation("a request on slot %d, which has one that is not answered", slot)
	}
	place := s.instances.get(handle)
	if place == nil {
		s.refuse(h.ID, nil, wire.Failf(wire.CodeNoService, wire.No, "the instance has been withdrawn"))
		return nil
	}
	svc := place.service
	m, f := svc.method(req.Method)
	if f != nil {
		s.refuse(h.ID, svc, f)
		return nil
	}
	if m.beside {
		s.answerBeside(h, place, m, req.Args)
		return nil
	}
	s.batch = append(s.batch, s.newRequest(h, place, m, cell, &req))
	return nil
}

// batchTime is the time, read once in a batch.
func (s *session) batchTime() time.Time {
	if s.clock.IsZero() {
		s.clock = time.Now()
	}
	return s.clock
}

// refuse answers a request that is not started.
func (s *session) refuse(id uint64, svc *Service, f *wire.Failure) {
	if svc != nil {
		svc.counts.ended(f)
	}
	if s.respond(id, 0, nil, f) {
		s.owes = true
	}
}

// answerBeside runs one of the library's own methods at once, beside the service's limit.
func (s *session) answerBeside(h *wire.Header, place *instance, m *method, args []byte) {
	svc := place.service
	result, err := m.fn.Call(context.Background(), args, s.scratch[:0])
	if err != nil {
		r := request{place: place, method: m, session: s}
		s.refuse(h.ID, svc, r.failure(context.Background(), err))
		return
	}
	s.scratch = result
	if f := s.oversize(result); f != nil {
		s.refuse(h.ID, svc, f)
		return
	}
	if s.respond(h.ID, 0, result, nil) {
		s.owes = true
	}
}

// admit hands the requests of this batch to the stage.
func (s *session) admit() {
	if len(s.batch) == 0 {
		return
	}
	for _, r := range s.conn.stage.admit(s.batch) {
		s.refuseRequest(r, busyFailure(r.place))
	}
	clear(s.batch)
	s.batch = s.batch[:0]
}

func busyFailure(i *instance) *wire.Failure {
	l := &i.lane
	return wire.Failf(wire.CodeBusy, wire.No,
		"the instance runs its limit of %d calls, and %d calls or %d bytes are waiting", l.limit, l.queue, l.queueBytes)
}

// refuseRequest answers a request that the stage has let go of.
func (s *session) refuseRequest(r *request, f *wire.Failure) {
	r.cell.Store(nil)
	s.refuse(r.id, r.place.service, f)
	s.spare.Put(r)
}

// cancel ends a request that its caller does not wait for any more. A handler that runs has
// its context ended and its answer is still due; a request that waits is answered here.
func (s *session) cancel(h *wire.Header) {
	s.admit() // it may have come in this very batch
	r := s.delivered.find(h.ID)
	if r == nil {
		return // answered meanwhile
	}
	cause := context.Canceled
	if h.Flags&wire.FlagExpired != 0 {
		cause = context.DeadlineExceeded
	}
	if s.conn.stage.cancel(r, h.ID, cause) {
		s.refuseRequest(r, ended(cause, wire.No))
	}
}

// newRequest fills a pooled request from the frame, whose bytes are not ours to keep.
func (s *session) newRequest(h *wire.Header, place *instance, m *method, cell *requestCell, req *wire.Request) *request {
	r := s.spare.Get().(*request)
	if cap(r.args) > keptBytes {
		r.args = nil
	}
	r.session, r.place, r.method, r.cell = s, place, m, cell
	r.number = place.numberIn(s)
	r.id, r.caller, r.depth, r.oneWay = h.ID, h.Target, h.Depth, h.Flags&wire.FlagOneWay != 0
	r.stream = m.streams()
	r.deadline = s.batchTime().Add(time.Duration(h.TTL) * time.Millisecond)
	r.args = append(r.args[:0], req.Args...)
	r.headers = append(r.headers[:0], req.Headers...)
	r.cause.Store(nil)
	r.context.Store(nil)
	cell.Store(r)
	return r
}

// method finds what a request asks for.
func (s *Service) method(name []byte) (*method, *wire.Failure) {
	t := s.methods.Load()
	if m := t.byName[string(name)]; m != nil {
		return m, nil
	}
	called := string(name)
	if t.fallback != nil && value.CheckMethodName(called) == nil {
		return t.fallback.named(called), nil
	}
	return nil, s.noMethod(called)
}

// noMethod is the failure for a name that no method has.
func (s *Service) noMethod(name string) *wire.Failure {
	f := wire.Failf(wire.CodeNoMethod, wire.No, "service %s has no method %.128q", s.title(), name)
	if near := value.Nearest(name, s.methods.Load().names()); near != "" {
		f.Details = "did you mean " + near + "?"
	}
	return f
}
