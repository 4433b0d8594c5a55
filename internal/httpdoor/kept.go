package httpdoor

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Kept is what files hold, read anew when one of them has changed. When that cannot be used, what
// was read before stays, and the log says so once. It may be used by many goroutines.
type Kept[T any] struct {
	paths []string
	read  func() (T, error)
	log   *slog.Logger

	mu     sync.Mutex
	value  T
	stamp  string    // of the files as they were read
	looked time.Time // when it was last seen whether they have changed
}

// lookEvery is how long a change of a file may stay unseen.
const lookEvery = time.Second

// keep reads files for the first time. The error is that of read.
func keep[T any](paths []string, log *slog.Logger, read func() (T, error)) (*Kept[T], error) {
	k := &Kept[T]{paths: paths, read: read, log: log, stamp: stampOf(paths), looked: time.Now()}
	var err error
	k.value, err = read()
	return k, err
}

// Get returns what the files hold now. It does not wait for the disk more often than once a second.
func (k *Kept[T]) Get() T {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.looked) < lookEvery {
		return k.value
	}
	k.looked = time.Now()
	stamp := stampOf(k.paths)
	if stamp == k.stamp {
		return k.value
	}
	k.stamp = stamp
	value, err := k.read()
	if err != nil {
		k.log.Error("a changed file cannot be used, what it held before stays", "err", err)
		return k.value
	}
	k.value = value
	k.log.Info("a changed file is used", "file", k.paths[0])
	return k.value
}

// stampOf tells files from what they were before.
func stampOf(paths []string) string {
	var stamp string
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			stamp += fmt.Sprintln(info.ModTime(), info.Size(), info.Mode())
		} else {
			stamp += "none\n"
		}
	}
	return stamp
}

// maxSecrets is the largest file of secrets that is read.
const maxSecrets = 1 << 20

// readSecret reads a file that nobody but its owner, and his group, may read.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	const others, groupWrites = 0o007, 0o020
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", path)
	case info.Mode()&(others|groupWrites) != 0:
		return nil, fmt.Errorf("%s is open to others, mode %v: chmod 600 keeps them out", path, info.Mode().Perm())
	case info.Size() > maxSecrets:
		return nil, fmt.Errorf("%s has more than %d bytes", path, maxSecrets)
	}
	return os.ReadFile(path)
}
