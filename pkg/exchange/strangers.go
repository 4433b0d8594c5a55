package exchange

import (
	"log/slog"
	"sync"
	"time"
)

// strangerLog writes about a listener's odd connections, at most one record a minute of
// each kind, so that a port scanner fills no disk.
type strangerLog struct {
	log *slog.Logger

	mu   sync.Mutex
	last map[string]time.Time
	held map[string]int
}

// note writes one record, or counts it for the next one.
func (l *strangerLog) note(what string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last, l.held = map[string]time.Time{}, map[string]int{}
	}
	kind := what + err.Error()
	if len(l.last) >= maxStrangerKinds {
		kind = what
	}
	if t, ok := l.last[kind]; ok && time.Since(t) < strangerPause {
		l.held[kind]++
		return
	}
	l.log.Warn(what, "err", err, "alike", l.held[kind])
	l.last[kind], l.held[kind] = time.Now(), 0
}

// strangerPause is how long a listener stays silent about connections of one kind that
// were none of ours.
const strangerPause = time.Minute

// maxStrangerKinds bounds the kinds told apart.
const maxStrangerKinds = 64
