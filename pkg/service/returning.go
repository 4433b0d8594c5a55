package service

import "time"

// returnGrace is how long after the link is back services may take to be back as well. They
// wait at most 2 s between attempts to reach the exchange.
const returnGrace = 3 * time.Second

// returning are the names that were known when the link was lost and have not been seen
// since.
type returning struct {
	names  map[string]bool
	synced bool          // since the loss
	until  time.Duration // on the Conn's clock, when synced
}

// lost notes what is gone with the link. Names of an earlier loss stay only while they are
// still waited for.
func (r *returning) lost(known *index, now time.Duration) {
	if r.synced && now >= r.until {
		r.names = nil
	}
	if r.names == nil {
		r.names = make(map[string]bool, len(known.names))
	}
	for name := range known.names {
		r.names[name] = true
	}
	r.synced = false
}

// seen notes that a name is here.
func (r *returning) seen(name string) { delete(r.names, name) }

// complete begins the grace time when the present state is known for the first time.
func (r *returning) complete(now time.Duration) {
	if !r.synced {
		r.synced, r.until = true, now+returnGrace
	}
}

// expects reports whether a name is still waited for.
func (r *returning) expects(name string, now time.Duration) bool {
	return r.names[name] && (!r.synced || now < r.until)
}
