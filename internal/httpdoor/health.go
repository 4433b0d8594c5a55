package httpdoor

import (
	"context"
	"io"
	"net/http"
	"strconv"
)

// Health answers /healthz, which says that the process lives, and /readyz, which says whether it
// can do its work, and hands all other paths on. Whoever asks need not say who he is: the
// answers tell nothing else.
type Health struct {
	// Ready returns why the work cannot be done now, in words for anybody. It is called by many
	// goroutines at once, and should need nobody's help.
	Ready func(context.Context) error
	// Next is the handler of all other paths.
	Next http.Handler
}

// ServeHTTP answers 200 or 503, and 405 to all but GET and HEAD.
func (h *Health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var err error
	switch r.URL.Path {
	case "/healthz":
	case "/readyz":
		err = h.Ready(r.Context())
	default:
		h.Next.ServeHTTP(w, r)
		return
	}
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		answer(w, http.StatusMethodNotAllowed, "this is asked with GET")
	case err != nil:
		w.Header().Set("Retry-After", "2")
		answer(w, http.StatusServiceUnavailable, err.Error())
	default:
		answer(w, http.StatusOK, "ok")
	}
}

// answer sends a line of text.
func answer(w http.ResponseWriter, status int, text string) {
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(text)+1))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // a client that is gone misses it
}
