package exchange

import "github.com/netsvc/netsvc/internal/link"

// flushes are the links that somebody has given something to write. He writes it when he
// holds no lock.
type flushes []*link.Link

// owe notes a link if the append made its flush a duty.
func (f *flushes) owe(l *link.Link, a link.Added) {
	if a == link.Flush {
		*f = append(*f, l)
	}
}

// write does the duty. Others with something to append are let go first, unless it is to be
// done now: a yield with nobody to yield to wakes a thread for nothing.
func (f *flushes) write(now bool) {
	for i, l := range *f {
		if now {
			l.FlushNow()
		} else {
			l.Flush()
		}
		(*f)[i] = nil
	}
	*f = (*f)[:0]
}
