package config

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// How long a change waits for its turn, and how often it asks.
const (
	lockPatience = 5 * time.Second
	lockPause    = 5 * time.Millisecond
)

// errLocked says that somebody else has the lock.
var errLocked = errors.New("locked")

// lock waits for a lock that a file stands for, and returns what gives it back.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	limit := time.NewTimer(lockPatience)
	defer limit.Stop()
	pause := time.NewTicker(lockPause)
	defer pause.Stop()
	for {
		unlock, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return unlock, err
		}
		select {
		case <-pause.C:
		case <-limit.C:
			return nil, fmt.Errorf("%s: another process has held it for %v", path, lockPatience)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
