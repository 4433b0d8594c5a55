package httpdoor

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// password is the argon2id of one, with what it was made with.
type password struct {
	text       string // as it was read
	memory     uint32 // KiB
	time       uint32
	threads    uint8
	salt, hash []byte
}

// The most that checking one password may cost. Whoever writes the file decides below that.
const (
	maxMemory  = 256 << 10 // KiB
	maxTime    = 16
	maxThreads = 16
)

// errNoPassword reports a hash that cannot be used. It does not show it: it may be the password.
var errNoPassword = errors.New("a password stands as $argon2id$v=19$m=65536,t=3,p=1$SALT$HASH, of at most m=262144, t=16, p=16")

// parsePassword reads the form that the command argon2 writes with -e.
func parsePassword(text string) (*password, error) {
	p := &password{text: text}
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, errNoPassword
	}
	_, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads)
	plain := fmt.Sprintf("m=%d,t=%d,p=%d", p.memory, p.time, p.threads) == parts[3]
	var errSalt, errHash error
	p.salt, errSalt = base64.RawStdEncoding.DecodeString(parts[4])
	p.hash, errHash = base64.RawStdEncoding.DecodeString(parts[5])
	switch {
	case errors.Join(err, errSalt, errHash) != nil, !plain, len(p.salt) < 8, len(p.hash) < 16, len(p.hash) > 64:
		return nil, errNoPassword
	case p.memory < 8*uint32(p.threads), p.memory > maxMemory, p.time < 1, p.time > maxTime, p.threads < 1, p.threads > maxThreads:
		return nil, errNoPassword
	}
	return p, nil
}

// is reports whether text is the password. It takes the time and the memory that were asked for.
func (p *password) is(text string) bool {
	made := argon2.IDKey([]byte(text), p.salt, p.time, p.memory, p.threads, uint32(len(p.hash)))
	return subtle.ConstantTimeCompare(made, p.hash) == 1
}

// decoy costs as much as the password and is nobody's, so that the time of an answer does not tell
// which names there are.
func (p *password) decoy() *password {
	other := *p
	other.salt, other.hash = make([]byte, len(p.salt)), make([]byte, len(p.hash))
	rand.Read(other.salt)
	rand.Read(other.hash)
	return &other
}
