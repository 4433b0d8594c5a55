package exchange

import "github.com/netsvc/netsvc/pkg/wire"

// subscribing carries out what concerns subscriptions.
func (r *run) subscribing(f effect) {
	switch f := f.(type) {
	case subscribe:
		if s := r.e.sessions[f.sub.session]; s != nil {
			r.e.subscriptions[f.sub] = newSubscription(s, &f)
		}
	case attachTo:
		r.attach(f)
	case detachFrom:
		r.detach(f)
	case opened:
		if b := r.e.subscriptions[f.sub]; b != nil {
			b.open()
			r.pumped = append(r.pumped, b.session)
		}
	case narrow:
		if b := r.e.subscriptions[f.sub]; b != nil {
			b.narrow(f.patterns)
		}
	case cease:
		r.cease(f)
	}
}

func (r *run) attach(f attachTo) {
	b, i := r.e.subscriptions[f.sub], r.e.instances[f.number]
	if b == nil || i == nil {
		return
	}
	b.outlets[&i.outlet] = struct{}{}
	i.outlet.join(b, r.e.now())
	r.pumped = append(r.pumped, b.session)
}

func (r *run) detach(f detachFrom) {
	b, i := r.e.subscriptions[f.sub], r.e.instances[f.number]
	if b == nil || i == nil {
		return
	}
	delete(b.outlets, &i.outlet)
	i.outlet.leave(b)
	b.dropReplay(&i.outlet)
}

// cease ends a subscription, and says so to its session when it is not the one that did it.
func (r *run) cease(f cease) {
	b := r.e.subscriptions[f.sub]
	if b == nil {
		return
	}
	delete(r.e.subscriptions, f.sub)
	for o := range b.outlets {
		o.leave(b)
	}
	b.end()
	if f.told {
		r.append(f.sub.session, wire.AppendMessage(nil, uint64(f.sub.id), 0, &wire.Notice{Kind: wire.NoticeEnded}))
	}
}

// silence ends the outlet of an instance that is withdrawn.
func (r *run) silence(i *instance) {
	for _, b := range i.outlet.close(i.session) {
		delete(b.outlets, &i.outlet)
		b.dropReplay(&i.outlet)
	}
}

// pumpAll sends what the act has collected for subscriptions.
func (r *run) pumpAll() {
	for len(r.pumped) > 0 {
		s := r.pumped[0]
		r.pumped = r.pumped[1:]
		added, full := s.pumpReports()
		r.added(s, added)
		for _, b := range full {
			r.apply(r.e.core.lapse(subID{s.number, b.id}))
		}
	}
}
