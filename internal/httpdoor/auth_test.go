package httpdoor_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/netsvc/netsvc/internal/httpdoor"
)

// hashed is an entry of a file of users, made as cheap as may be.
func hashed(password string) string {
	salt := []byte("salty" + password + "123")
	b64 := base64.RawStdEncoding.EncodeToString
	return "$argon2id$v=19$m=8,t=1,p=1$" + b64(salt) + "$" + b64(argon2.IDKey([]byte(password), salt, 1, 8, 1, 32))
}

func tokenLine(name, token string) string {
	return fmt.Sprintf("%s %x\n", name, sha256.Sum256([]byte(token)))
}

// write puts a file of secrets into a folder of the test.
func write(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// guarded is a handler that answers with the name of its caller, behind an Auth.
func guarded(t *testing.T, log io.Writer) (*httpdoor.Auth, http.Handler) {
	t.Helper()
	logger := slog.New(slog.NewJSONHandler(log, nil))
	tokens, err := httpdoor.ReadTokens(write(t, "tokens", "# who\n\n"+tokenLine("ci", "long and random")+tokenLine("ops@site", "longer"), 0o640), logger)
	if err != nil {
		t.Fatal(err)
	}
	users, err := httpdoor.ReadUsers(write(t, "users", "ann "+hashed("secret:1")+"\n", 0o600), logger)
	if err != nil {
		t.Fatal(err)
	}
	a := &httpdoor.Auth{Tokens: tokens, Users: users, Logger: logger, Next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, httpdoor.VisitOf(r.Context()).Principal)
	})}
	return a, &httpdoor.AccessLog{Logger: slog.New(slog.DiscardHandler), Next: a}
}

func ask(t *testing.T, h http.Handler, remote string, authorization ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/RPC2", nil)
	r.RemoteAddr = remote
	r.Header["Authorization"] = authorization
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func basic(name, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
}

func TestAuth(t *testing.T) {
	tests := map[string]struct {
		given  []string
		status int
		who    string
	}{
		"a token":                  {[]string{"Bearer long and random"}, 200, "ci"},
		"another token":            {[]string{"bearer longer"}, 200, "ops@site"},
		"a name and password":      {[]string{basic("ann", "secret:1")}, 200, "ann"},
		"nothing":                  {nil, 401, ""},
		"an empty token":           {[]string{"Bearer "}, 401, ""},
		"a wrong token":            {[]string{"Bearer long and randon"}, 401, ""},
		"the hash of a token":      {[]string{fmt.Sprintf("Bearer %x", sha256.Sum256([]byte("longer")))}, 401, ""},
		"a token as a password":    {[]string{basic("ci", "long and random")}, 401, ""},
		"a wrong password":         {[]string{basic("ann", "secret")}, 401, ""},
		"nobody's name":            {[]string{basic("bob", "secret:1")}, 401, ""},
		"another scheme":           {[]string{"Digest username=ann"}, 401, ""},
		"no base64":                {[]string{"Basic ann:secret:1"}, 401, ""},
		"two headers, both right":  {[]string{"Bearer longer", "Bearer longer"}, 401, ""},
		"a token behind a comma":   {[]string{"Bearer longer, Bearer x"}, 401, ""},
		"a name with a line break": {[]string{basic("ann\n{}", "x")}, 401, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			_, h := guarded(t, &log)
			w := ask(t, h, "192.0.2.1:1", test.given...)
			if w.Code != test.status || test.status == 200 && w.Body.String() != test.who {
				t.Errorf("%d %q, want %d %q", w.Code, w.Body, test.status, test.who)
			}
			ways := w.Header().Values("WWW-Authenticate")
			if test.status == 401 && (len(ways) != 2 || !strings.HasPrefix(ways[0], "Bearer ") || !strings.HasPrefix(ways[1], "Basic ")) {
				t.Errorf("WWW-Authenticate = %q, want both ways", ways)
			}
			if failed := test.status == 401 && test.given != nil; strings.Count(log.String(), "\n") == 1 != failed {
				t.Errorf("the log is %q, want a line: %v", &log, failed)
			}
			for _, secret := range []string{"random", "randon", "longer", "secret", "ann"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("the log tells %q: %s", secret, &log)
				}
			}
		})
	}
}

func TestAuthLetsOptionsThrough(t *testing.T) {
	_, h := guarded(t, io.Discard)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/RPC2", nil)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 200 {
		t.Errorf("status = %d, want 200", w.Code)
	}
}

// TestAuthSlowsGuessing: ten failures of an address in a minute, and no more, while those who are
// right are let in.
func TestAuthSlowsGuessing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // virtual time
		var log bytes.Buffer
		_, h := guarded(t, &log)
		const bad, near, other = "[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8:0:1::1]:1"
		if w := ask(t, h, bad, basic("ann", "secret:1")); w.Code != 200 {
			t.Fatalf("status = %d, want 200", w.Code)
		}
		for i := range 12 {
			want := 401
			if i >= 10 {
				want = 429
			}
			if w := ask(t, h, bad, "Bearer guess"); w.Code != want || (w.Header().Get("Retry-After") == "60") != (want == 429) {
				t.Errorf("attempt %d: %d %v, want %d", i, w.Code, w.Header(), want)
			}
		}
		for what, c := range map[string]struct {
			remote, given string
			want          int
		}{
			"a right token from there":       {bad, "Bearer longer", 200},
			"a password that is remembered":  {bad, basic("ann", "secret:1"), 200},
			"a neighbour in its network":     {near, "Bearer guess", 429},
			"another network":                {other, "Bearer guess", 401},
			"another network, by a password": {other, basic("ann", "secret:1"), 200},
		} {
			if w := ask(t, h, c.remote, c.given); w.Code != c.want {
				t.Errorf("%s: %d, want %d", what, w.Code, c.want)
			}
		}
		if n := strings.Count(log.String(), "\n"); n != 11 {
			t.Errorf("%d records, want 11", n)
		}
		time.Sleep(61 * time.Second)
		if w := ask(t, h, bad, "Bearer guess"); w.Code != 401 {
			t.Errorf("a minute later: %d, want 401", w.Code)
		}
	})
}

// TestSecretsAreReadAgain: what is taken out of a file is out, also when it is remembered, and a
// file that cannot be used changes nothing.
func TestSecretsAreReadAgain(t *testing.T) {
	path := write(t, "users", "ann "+hashed("one")+"\nbob "+hashed("two")+"\n", 0o600)
	synctest.Test(t, func(t *testing.T) { // virtual time
		var log bytes.Buffer
		users, err := httpdoor.ReadUsers(path, slog.New(slog.NewJSONHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		a := &httpdoor.Auth{Users: users, Logger: slog.New(slog.DiscardHandler), Next: http.NotFoundHandler()}
		want := func(when, name, password string, status int) {
			t.Helper()
			if w := ask(t, a, "192.0.2.1:1", basic(name, password)); w.Code != status {
				t.Errorf("%s: %s is answered %d, want %d", when, name, w.Code, status)
			}
		}
		change := func(text string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
		}
		want("at first", "ann", "one", 404)
		want("at first", "bob", "two", 404)
		change("bob " + hashed("three") + "\n")
		want("changed", "ann", "one", 401)
		want("changed", "bob", "two", 401)
		want("changed", "bob", "three", 404)
		change("bob three, in plain words\n")
		want("broken", "bob", "three", 404)
		if !strings.Contains(log.String(), "cannot be used") || strings.Contains(log.String(), "plain") || !strings.Contains(log.String(), "users:1") {
			t.Errorf("the log says %s, want the line and not what is in it", &log)
		}
	})
}

func TestFilesThatAreRefused(t *testing.T) {
	readUsers := func(path string) error { _, err := httpdoor.ReadUsers(path, slog.New(slog.DiscardHandler)); return err }
	readTokens := func(path string) error {
		_, err := httpdoor.ReadTokens(path, slog.New(slog.DiscardHandler))
		return err
	}
	good := tokenLine("ci", "x")
	tests := map[string]struct {
		read func(string) error
		text string
		mode os.FileMode
		want string
	}{
		"others may read it":     {readTokens, good, 0o604, "open to others, mode -rw----r--: chmod 600"},
		"its group may write":    {readTokens, good, 0o620, "open to others"},
		"no entry":               {readTokens, "# none\n", 0o600, "holds no entry"},
		"no hash":                {readTokens, "ci the-token-itself\n", 0o600, "file:1: the hash of a token has 64 hexadecimal digits"},
		"three words":            {readTokens, "\n" + strings.TrimSpace(good) + " x\n", 0o600, "file:2: a line wants a name and a hash"},
		"a name twice":           {readTokens, good + good, 0o600, "file:2: the name is there twice"},
		"a name that forges":     {readTokens, strings.Replace(good, "ci", "c\"i", 1), 0o600, "file:1: a line wants"},
		"a password as it is":    {readUsers, "ann secret\n", 0o600, "file:1: a password stands as $argon2id$"},
		"another kind of argon2": {readUsers, "ann " + strings.Replace(hashed("x"), "argon2id", "argon2i", 1), 0o600, "file:1: a password stands as"},
		"a password of a GiB":    {readUsers, "ann " + strings.Replace(hashed("x"), "m=8", "m=1048576", 1), 0o600, "of at most m=262144"},
		"a password of no time":  {readUsers, "ann " + strings.Replace(hashed("x"), "t=1", "t=0", 1), 0o600, "of at most"},
		"a sign in a number":     {readUsers, "ann " + strings.Replace(hashed("x"), "t=1", "t=+1", 1), 0o600, "of at most"},
		"half a hash":            {readUsers, "ann $argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$\n", 0o600, "of at most"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.read(write(t, "file", test.text, test.mode))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error = %v, want %q", err, test.want)
			}
			for _, secret := range []string{"itself", "secret", "c2Fsd"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells %q: %v", secret, err)
				}
			}
		})
	}
	if err := readTokens(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is no file") {
		t.Errorf("a folder: %v", err)
	}
}
