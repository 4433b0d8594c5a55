package exchange

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
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
	kind := what + kindOf(err)
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

// kindOf is what one record a minute is written for. Texts with ports and numbers in them
// would make a kind of every connection.
func kindOf(err error) string {
	var stranger *link.StrangerError
	if errors.As(err, &stranger) {
		return stranger.Guess
	}
	for _, known := range [...]error{
		os.ErrDeadlineExceeded, io.EOF, link.ErrTruncated, errViolation, wire.ErrBadMessage, wire.ErrBadRequest,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return fmt.Sprintf("%T", err)
}

// strangerPause is how long a listener stays silent about connections of one kind that
// were none of ours.
const strangerPause = time.Minute

// maxStrangerKinds bounds the kinds told apart.
const maxStrangerKinds = 64
