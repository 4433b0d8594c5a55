package service

import (
	"sync"
)

// states tells the user's funcs when the link comes and goes. What changes while a func
// runs is told by the last change only.
type states struct {
	mu    sync.Mutex
	funcs []*stateFunc
	known bool // there is something to tell
	now   linkState
	wake  chan struct{} // room for one: it says only that there is something to look at
}

type linkState struct {
	up     bool
	err    error
	number int // of the change
}

type stateFunc struct {
	f    func(up bool, err error)
	told int // the number of the last change told
}

func (s *states) init() { s.wake = make(chan struct{}, 1) }

// set notes the state of the link. A further failure while it is down is no change.
func (s *states) set(up bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known && !s.now.up && !up {
		s.now.err = err
		return
	}
	s.known = true
	s.now = linkState{up, err, s.now.number + 1}
	s.poke()
}

func (s *states) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// OnState has f called at each change of the link, one call at a time, from a goroutine of
// the Conn's own: when it comes up, when it breaks, and when a first attempt has failed. If
// one of these has been already, f is told of it now. err says why the link is down. Of
// changes that come while f runs the last one is told. f must not wait for Close.
func (c *Conn) OnState(f func(up bool, err error)) {
	s := &c.states
	s.mu.Lock()
	defer s.mu.Unlock()
	s.funcs = append(s.funcs, &stateFunc{f: f})
	s.poke()
}

// tellStates ends when the Conn does, after it has told so.
func (c *Conn) tellStates() {
	for ended := false; !ended; {
		select {
		case <-c.states.wake:
		case <-c.done:
			ended = true
		}
		for f := range c.states.due {
			f()
		}
	}
}

// due yields the calls that are to be made.
func (s *states) due(yield func(func()) bool) {
	for i := 0; ; i++ {
		s.mu.Lock()
		if i >= len(s.funcs) || !s.known {
			s.mu.Unlock()
			return
		}
		f, now := s.funcs[i], s.now
		fresh := f.told != now.number
		f.told = now.number
		s.mu.Unlock()
		if fresh && !yield(func() { f.f(now.up, now.err) }) {
			return
		}
	}
}
