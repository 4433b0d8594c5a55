package httpdoor

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
)

// Auth lets those in who say who they are and can prove it: by a bearer token, or by name and
// password. Who cannot is answered 401, and 429 when he tries too often. No secret is ever logged.
//
// OPTIONS needs no proof, since browsers send none with it.
type Auth struct {
	// Tokens are the bearer tokens that are taken. Nil means none.
	Tokens *Tokens
	// Users are the names and passwords that are taken. Nil means none.
	Users *Users
	// Logger is told of each attempt that fails.
	Logger *slog.Logger
	// Next is who is behind.
	Next http.Handler

	failures failures
}

// ServeHTTP hands the request on, with the name of the caller in its Visit, or refuses it.
func (a *Auth) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions {
		a.Next.ServeHTTP(w, r)
		return
	}
	given := r.Header.Values("Authorization")
	if len(given) == 0 {
		a.refuse(w, "say who calls")
		return
	}
	name, outcome := a.prove(r, given)
	switch outcome {
	case proven:
		VisitOf(r.Context()).Principal = name
		a.Next.ServeHTTP(w, r)
	case unproven:
		a.Logger.Warn("authentication failed", "remote", r.RemoteAddr)
		a.refuse(w, "this is nobody who may call")
	case tooOften:
		w.Header().Set("Retry-After", "60")
		answer(w, http.StatusTooManyRequests, "too many attempts; try again in a minute")
	}
}

// proof is what came of an attempt.
type proof uint8

const (
	unproven proof = 0
	proven   proof = 1
	tooOften proof = 2
)

// prove looks at what a request has to say about its caller. What is right is let in however
// often others at its address were wrong; only where a check is slow do they spoil it.
func (a *Auth) prove(r *http.Request, given []string) (string, proof) {
	remote := addressOf(r)
	if token, ok := bearer(given); ok && a.Tokens != nil {
		if name, known := a.Tokens.owner(token); known {
			return name, proven
		}
	}
	name, password, ok := r.BasicAuth()
	basic := ok && a.Users != nil && len(given) == 1
	if basic && a.Users.remembers(name, password) {
		return name, proven
	}
	if basic {
		return name, a.checked(r.Context(), remote, name, password)
	}
	if !a.failures.try(remote) {
		return "", tooOften
	}
	return "", unproven
}

// checked waits for a turn to check a password, unless there were too many failures. Many requests
// with the same one are no guessing: all but the first few find that it was right.
func (a *Auth) checked(ctx context.Context, remote netip.Addr, name, password string) proof {
	if a.failures.spent(remote) {
		return tooOften
	}
	if !a.Users.enter(ctx) {
		return unproven
	}
	defer a.Users.leave()
	switch {
	case a.Users.remembers(name, password):
		return proven
	case !a.failures.try(remote):
		return tooOften
	case a.Users.check(name, password):
		a.failures.forgive(remote)
		return proven
	}
	return unproven
}

// bearer returns the token of a header. Two headers prove nothing.
func bearer(given []string) (string, bool) {
	scheme, token, ok := strings.Cut(given[0], " ")
	return strings.TrimSpace(token), ok && len(given) == 1 && strings.EqualFold(scheme, "Bearer")
}

// refuse answers 401 with the ways to prove who one is.
func (a *Auth) refuse(w http.ResponseWriter, text string) {
	if a.Tokens != nil {
		w.Header().Add("WWW-Authenticate", `Bearer realm="netsvc"`)
	}
	if a.Users != nil {
		w.Header().Add("WWW-Authenticate", `Basic realm="netsvc", charset="UTF-8"`)
	}
	answer(w, http.StatusUnauthorized, text)
}

// addressOf is where a request comes from, the zero address for a Unix socket.
func addressOf(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr().Unmap()
}
