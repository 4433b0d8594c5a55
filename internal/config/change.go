package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"
)

// ErrNowhere is the failure of a change in the zero Folder.
var ErrNowhere = errors.New("there is no folder for configuration: neither HOME nor XDG_CONFIG_HOME names one")

// Change reads the file into a new T, lets edit change that, and puts the new file in the place
// of the old one. about is a line that says at its top what it is; other comments are lost. When
// edit fails nothing is written, and its error is returned.
//
// No other Change of the same file happens meanwhile, in no process. Change waits for its turn, a
// few milliseconds unless another process is stopped in the middle, until ctx is done or five
// seconds have passed.
func Change[T any](ctx context.Context, path, about string, edit func(*T) error) error {
	if path == "" {
		return ErrNowhere
	}
	target, err := resolve(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	unlock, err := lock(ctx, hidden(target, ".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	return change(target, about, edit)
}

// change is the part that nobody else does at the same time.
func change[T any](target, about string, edit func(*T) error) error {
	var content T
	if _, err := Read(target, &content); err != nil {
		return err
	}
	if err := edit(&content); err != nil {
		return err
	}
	text, err := encode(about, content)
	if err != nil {
		return err
	}
	return replace(target, text)
}

func encode(about string, content any) ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# %s\n\n", about)
	encoder := toml.NewEncoder(&out)
	encoder.Indent = ""
	if err := encoder.Encode(content); err != nil {
		return nil, err
	}
	if out.Len() > maxFile {
		return nil, errors.New("the file " + tooLarge)
	}
	return out.Bytes(), nil
}

// replace puts a whole new file in the place of one, or of none. The new file has a fixed name
// until then, which only the holder of the lock uses, so that a crash leaves one at most.
func replace(path string, text []byte) error {
	fresh := hidden(path, ".new")
	if err := write(fresh, text); err != nil {
		return errors.Join(err, remove(fresh))
	}
	if err := os.Rename(fresh, path); err != nil {
		return errors.Join(err, remove(fresh))
	}
	return syncFolder(filepath.Dir(path))
}

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// write writes a file and waits until the disk has it. A file of that name is made anew, for it
// may have been left by somebody else, with rights of its own.
func write(path string, text []byte) error {
	if err := remove(path); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// syncFolder waits until the disk knows the new file by its name. Not every file system can.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}

// hidden is a name beside a file that belongs to it.
func hidden(path, suffix string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+suffix)
}

// maxLinks is how many symbolic links may follow each other.
const maxLinks = 32

// resolve follows symbolic links to the file itself, whether it is there or not.
func resolve(path string) (string, error) {
	for range maxLinks {
		next, err := os.Readlink(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) || isPlain(path):
			return path, nil
		case err != nil:
			return "", err
		case !filepath.IsAbs(next):
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return "", fmt.Errorf("%s: too many symbolic links", path)
}

func isPlain(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink == 0
}
