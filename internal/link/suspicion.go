package link

import "time"

// heard notes that bytes came, which ends any suspicion.
func (l *Link) heard() {
	l.heardAt.Store(int64(now()))
	if l.suspect.Load() {
		l.trust()
	}
}

// doubt turns the peer suspect, unless it has been heard since the keeper looked. The
// order of the two steps here and of those in heard is what lets neither miss the other.
func (l *Link) doubt(after time.Duration) {
	l.telling.Lock()
	defer l.telling.Unlock()
	if l.suspect.Swap(true) {
		return
	}
	if now()-time.Duration(l.heardAt.Load()) < after {
		l.suspect.Store(false)
		return
	}
	if l.opts.OnSuspect != nil {
		l.opts.OnSuspect(true)
	}
}

// trust ends the suspicion.
func (l *Link) trust() {
	l.telling.Lock()
	defer l.telling.Unlock()
	if l.suspect.Swap(false) && l.opts.OnSuspect != nil {
		l.opts.OnSuspect(false)
	}
}
