package httpdoor_test

import (
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/argon2"

	"github.com/netsvc/netsvc/internal/httpdoor"
)

// TestAuthTakesManyRightPasswordsAtOnce: a client with many connections brings its password by all of
// them when it is no longer remembered. That is no guessing.
func TestAuthTakesManyRightPasswordsAtOnce(t *testing.T) {
	const memory = 16 << 10
	b64, salt := base64.RawStdEncoding.EncodeToString, []byte("saltysalt")
	slow := "$argon2id$v=19$m=16384,t=1,p=1$" + b64(salt) + "$" + b64(argon2.IDKey([]byte("right"), salt, 1, memory, 1, 32))
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	users, err := httpdoor.ReadUsers(write(t, "users", "ann "+slow+"\n", 0o600), log)
	if err != nil {
		t.Fatal(err)
	}
	a := &httpdoor.Auth{Users: users, Logger: log, Next: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	var refused atomic.Int64
	var callers sync.WaitGroup
	for range 40 {
		callers.Go(func() {
			if w := ask(t, a, "192.0.2.9:1", basic("ann", "right")); w.Code != http.StatusOK {
				refused.Add(1)
			}
		})
	}
	callers.Wait()
	if n := refused.Load(); n > 0 {
		t.Errorf("%d of 40 right passwords at once are refused", n)
	}
	for range 10 {
		ask(t, a, "192.0.2.9:1", basic("ann", "wrong"))
	}
	if w := ask(t, a, "192.0.2.9:1", basic("ann", "wrong")); w.Code != http.StatusTooManyRequests {
		t.Errorf("the 11th wrong password is answered %d, want 429", w.Code)
	}
}
