package httpdoor

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"log/slog"
)

// Tokens are bearer tokens, each with the name of whom it belongs to. Only their SHA-256 is known
// here, which is enough for long random texts and for nothing else.
type Tokens struct{ kept *Kept[[]token] }

type token struct {
	name string
	hash [sha256.Size]byte
}

// errNoHash reports a hash of a token that is none. It does not show it: it may be the token.
var errNoHash = errors.New("the hash of a token has 64 hexadecimal digits")

// ReadTokens reads a file of names and SHA-256, in hexadecimal digits, and follows its changes.
func ReadTokens(path string, log *slog.Logger) (*Tokens, error) {
	kept, err := keep([]string{path}, log, func() ([]token, error) {
		var list []token
		err := entries(path, func(name, text string) error {
			one := token{name: name}
			hash, err := hex.DecodeString(text)
			if err != nil || len(hash) != sha256.Size {
				return errNoHash
			}
			copy(one.hash[:], hash)
			list = append(list, one)
			return nil
		})
		return list, err
	})
	return &Tokens{kept}, err
}

// owner is whom a token belongs to. It takes the same time for every token.
func (t *Tokens) owner(text string) (name string, known bool) {
	hash := sha256.Sum256([]byte(text))
	for _, one := range t.kept.Get() {
		if subtle.ConstantTimeCompare(hash[:], one.hash[:]) == 1 {
			name, known = one.name, true
		}
	}
	return name, known
}
