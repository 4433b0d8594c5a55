//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package config

import (
	"errors"
	"io/fs"
	"os"
)

// tryLock takes the lock if nobody has it: who makes the file has it. One that a crash has left
// must be removed by hand.
func tryLock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, errLocked
	}
	if err != nil {
		return nil, err
	}
	return func() { file.Close(); os.Remove(path) }, nil
}
