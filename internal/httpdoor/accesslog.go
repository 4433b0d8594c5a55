package httpdoor

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"
)

// AccessLog writes a record for each request, when it has been answered. Whatever a client sends
// is a value in it and never a part of its form.
type AccessLog struct {
	// Logger gets the records, at level Info.
	Logger *slog.Logger
	// Next is the handler whose answers are told.
	Next http.Handler
}

// Visit is what those who handle a request find out about it, for its record. It belongs to the
// goroutine of the request.
type Visit struct {
	Principal string // who it is; empty when nobody had to say
	Called    string // the service and method, as in math.multiply; empty when none was read
}

type visitKey struct{}

// VisitOf returns the visit of a request that an AccessLog has let through. Without one it
// returns a Visit that nobody reads.
func VisitOf(ctx context.Context) *Visit {
	if v, ok := ctx.Value(visitKey{}).(*Visit); ok {
		return v
	}
	return new(Visit)
}

// requestID is the header in which a client may name its request, and is told the name.
const requestID = "X-Request-Id"

// ServeHTTP hands the request on and writes its record.
func (l *AccessLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	id := r.Header.Get(requestID)
	if !isID(id) {
		id = rand.Text()[:16]
	}
	w.Header().Set(requestID, id)
	visit := new(Visit)
	told := &teller{ResponseWriter: w}
	defer func() { // also when the handler cuts the connection by a panic
		l.Logger.Info("request", "id", id, "remote", r.RemoteAddr, "principal", visit.Principal,
			"method", short(r.Method), "path", short(r.URL.Path), "call", visit.Called,
			"status", told.status, "code", w.Header().Get("Netsvc-Code"),
			"bytes", told.bytes, "us", time.Since(began).Microseconds())
	}()
	l.Next.ServeHTTP(told, r.WithContext(context.WithValue(r.Context(), visitKey{}, visit)))
}

// isID reports whether a name that a client sent is short and plain.
func isID(id string) bool {
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return id != "" && len(id) <= 64
}

// short keeps a record from growing with what a client sends.
func short(text string) string {
	const most = 256
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}

// teller notes what is answered.
type teller struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (t *teller) WriteHeader(status int) {
	if status >= 200 { // before it there may be others
		t.status = status
	}
	t.ResponseWriter.WriteHeader(status)
}

func (t *teller) Write(p []byte) (int, error) {
	if t.status == 0 {
		t.status = http.StatusOK
	}
	n, err := t.ResponseWriter.Write(p)
	t.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController, which sets time-outs.
func (t *teller) Unwrap() http.ResponseWriter { return t.ResponseWriter }
