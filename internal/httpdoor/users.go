package httpdoor

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"sync"
	"time"
)

// Users are names with passwords. Checking a password is slow by intent, so one that was right
// is remembered for a while, as a hash of its own that dies with the process.
type Users struct {
	kept *Kept[*accounts]
	// checks has a place for each check that runs; others wait. It bounds the memory they take.
	checks chan struct{}

	mu     sync.Mutex
	secret [sha256.Size]byte // of the hashes that are remembered
	right  map[[sha256.Size]byte]time.Time
}

type accounts struct {
	passwords map[string]*password
	decoy     *password
}

const (
	rememberFor  = 60 * time.Second
	maxRemember  = 1024 // when there are more, all are forgotten
	checksAtOnce = 2
)

// ReadUsers reads a file of names and argon2id hashes, and follows its changes.
func ReadUsers(path string, log *slog.Logger) (*Users, error) {
	kept, err := keep([]string{path}, log, func() (*accounts, error) {
		all := &accounts{passwords: map[string]*password{}}
		err := entries(path, func(name, text string) error {
			p, err := parsePassword(text)
			if err == nil {
				all.passwords[name], all.decoy = p, p.decoy()
			}
			return err
		})
		return all, err
	})
	u := &Users{kept: kept, checks: make(chan struct{}, checksAtOnce), right: map[[sha256.Size]byte]time.Time{}}
	rand.Read(u.secret[:])
	return u, err
}

// remembers reports whether the password of a name was found to be right not long ago, and is
// still what the file says.
func (u *Users) remembers(name, text string) bool {
	p, ok := u.kept.Get().passwords[name]
	if !ok {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return time.Since(u.right[u.keyOf(p, text)]) < rememberFor
}

// enter waits for a turn to check, and reports false when ctx ends before. Who has had one leaves.
func (u *Users) enter(ctx context.Context) bool {
	select {
	case u.checks <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (u *Users) leave() { <-u.checks }

// check reports whether the password of a name is right. It is for those who have entered.
func (u *Users) check(name, text string) bool {
	all := u.kept.Get()
	p, ok := all.passwords[name]
	if !ok {
		p = all.decoy
	}
	if !p.is(text) || !ok {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.right) >= maxRemember {
		clear(u.right)
	}
	u.right[u.keyOf(p, text)] = time.Now()
	return true
}

// keyOf stands for a password that was right. It is called with the mutex held.
func (u *Users) keyOf(p *password, text string) [sha256.Size]byte {
	all := append(u.secret[:len(u.secret):len(u.secret)], p.text...)
	return sha256.Sum256(append(append(all, 0), text...))
}
