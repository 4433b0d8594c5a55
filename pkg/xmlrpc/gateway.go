package xmlrpc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// GatewayOptions tunes a Gateway. Nil or the zero value is ready for production.
type GatewayOptions struct {
	// Mounts are the paths under which each service has a URL of its own. None means
	// /xmlrpc/service. Of two that fit the longer one counts. The path /RPC2 is always
	// there, too.
	Mounts []string
	// Timeout is the deadline of every call, and of all calls of one
	// system.multicall together. Zero means 30 s.
	Timeout time.Duration
	// InFlight bounds the requests worked on at once; one more is answered 503.
	// Zero means 1,024. A request counts once its body is read, so that slow senders
	// take nobody's place.
	InFlight int
	// BodyBytes bounds what the bodies of more than 64 KiB take together, unzipped, from their
	// reading to the answer; one more is answered 503. Zero means 32 MiB. It is never less
	// than the longest body, Decode.Limits.Bytes.
	BodyBytes int
	// OSEFaultCodes answers with the numbers of OSE, 40 to 58, and netsvc's own
	// instead of those of the interoperability list.
	OSEFaultCodes bool
	// Dialect is how answers are written.
	Dialect Dialect
	// Decode is how requests are read. Its Limits.Bytes bounds a body before and
	// after it is unzipped.
	Decode DecodeOptions
	// Hosts may stand in the Host field, besides localhost and the loopback
	// addresses, when the listener is on a loopback address. This keeps web pages
	// whose name was pointed at this machine out.
	Hosts []string
	// Origins are web origins, like https://example.org, whose scripts may call: scheme,
	// host and port, no path and no pattern. A request from any other origin is refused.
	Origins []string
	// Logger gets internal errors. Nil means discard.
	Logger *slog.Logger
	// Called, if there is one, is told of each request whose document has been read what it
	// calls, as in math.multiply or system.multicall, before that is looked for. It runs on
	// the goroutine of the request and must not block.
	Called func(r *http.Request, target string)
}

func (o *GatewayOptions) withDefaults() (GatewayOptions, error) {
	var opts GatewayOptions
	if o != nil {
		opts = *o
	}
	var err error
	if opts.Mounts, err = mounts(opts.Mounts); err != nil {
		return opts, err
	}
	if opts.Timeout < 0 || opts.InFlight < 0 || opts.BodyBytes < 0 {
		return opts, errors.New("xmlrpc: negative option")
	}
	if opts.Timeout == 0 {
		opts.Timeout = 30 * time.Second
	}
	if opts.InFlight == 0 {
		opts.InFlight = 1024
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	opts.Decode.Limits = opts.Decode.Limits.orDefault()
	opts.BodyBytes = max(positive(opts.BodyBytes, 32<<20), opts.Decode.Limits.Bytes+1)
	return opts, nil
}

// writeGrace is how long a slow reader has for an answer after the call's
// deadline.
const writeGrace = 10 * time.Second

// rpc2 is the path where the method name carries the service: math.multiply.
const rpc2 = "/RPC2"

// Gateway is an HTTP handler that answers XML-RPC calls from a [Backend]. It has
// to be the handler of its paths directly, not behind a http.ServeMux pattern
// that redirects: a redirect turns POST into GET in many clients.
//
//	POST <mount>/math    method multiply          404 when there is no math
//	POST /RPC2           method math.multiply     the first dot splits
//	GET  <mount>/        a page for people
//
// At the URL of math, math.multiply is multiply, too, unless there is a method of that
// whole name.
//
// A failure of the call is HTTP 200 with a fault. HTTP's own codes tell of trouble
// with the transport: 503 with Retry-After when the exchange is away.
//
// A request's context that ends for a cause of its own, neither a hang-up nor a
// deadline, ends its call with an answer: 503 when the method did not start, else the
// fault of a canceled call. A server that has to end gives its BaseContext one.
type Gateway struct {
	backend  Backend
	opts     GatewayOptions
	inFlight chan struct{} // one place for each request; full means busy
	room     room          // for long bodies
	browsers *http.CrossOriginProtection
	draining atomic.Bool
}

// NewGateway returns a Gateway for the services of backend, or an error when the
// options do not hold together.
func NewGateway(backend Backend, opts *GatewayOptions) (*Gateway, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	browsers, err := protection(o.Origins)
	if err != nil {
		return nil, err
	}
	return &Gateway{backend: backend, opts: o, browsers: browsers,
		inFlight: make(chan struct{}, o.InFlight), room: room{bytes: int64(o.BodyBytes)}}, nil
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer g.catch(w, r)
	// Not every ResponseWriter has deadlines; those of net/http have.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(g.opts.Timeout + writeGrace))
	if !g.hostAllowed(r) {
		g.refuseHTTP(w, http.StatusForbidden, "this Host is not served here")
		return
	}
	mount, service, ok := under(g.opts.Mounts, r.URL.Path)
	switch {
	case r.URL.Path == rpc2:
		g.serve(w, r, "")
	case ok && service == "":
		g.servePage(w, r, mount)
	case ok:
		g.serve(w, r, service)
	default:
		g.refuseHTTP(w, http.StatusNotFound, "nothing is served here")
	}
}

// catch turns a panic into an answer that shows nothing of it.
func (g *Gateway) catch(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	g.writeFault(w, r, g.internal(fmt.Errorf("panic: %v\n%s", p, debug.Stack())))
}

// internal logs an error nobody outside may see and returns what stands for it. The id
// in the text finds the record.
func (g *Gateway) internal(err error) blame {
	id := rand.Text()[:8]
	g.opts.Logger.Error("xmlrpc gateway failed", "id", id, "err", err)
	f := wire.Failf(wire.CodeUnknown, wire.Maybe, "internal error %s", id)
	return blame{f, faultOf(f, g.opts.OSEFaultCodes)}
}

// serve answers a request on the URL of a service, or on /RPC2 when service is
// empty.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, service string) {
	if !g.originAllowed(w, r) || !g.methodAllowed(w, r) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), g.opts.Timeout)
	defer cancel()
	if !g.offered(ctx, w, r, service) {
		return
	}
	held := claim{room: &g.room}
	defer held.release()
	body, err := g.receive(w, r, &held)
	if err != nil {
		if ending(ctx) {
			err = errEnding
		}
		g.refuse(w, r, err)
		return
	}
	if !g.enter() {
		keep(body)
		g.away(w, wire.Failf(wire.CodeBusy, wire.No, "too many requests at once"))
		return
	}
	defer g.leave()
	call, err := DecodeCall(body.Bytes(), r.Header.Get("Content-Type"), &g.opts.Decode)
	keep(body)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.tellCalled(r, service, call.Method)
	g.answer(w, r, service, g.perform(traced(ctx, r.Header), service, call))
}

// tellCalled gives what a request calls one form for all URLs.
func (g *Gateway) tellCalled(r *http.Request, service, method string) {
	if g.opts.Called == nil {
		return
	}
	if _, own := systemMethods[method]; service != "" && !own {
		method = service + "." + method
	}
	g.opts.Called(r, method)
}

// enter takes one of the places of requests in work, and reports whether there was one.
func (g *Gateway) enter() bool {
	select {
	case g.inFlight <- struct{}{}:
		return true
	default:
		return false
	}
}

func (g *Gateway) leave() { <-g.inFlight }

// methodAllowed answers all but POST: OPTIONS with nothing, the rest with 405.
func (g *Gateway) methodAllowed(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodPost {
		return true
	}
	w.Header().Set("Allow", "POST, OPTIONS")
	if r.Method == http.MethodOptions {
		g.part(w.Header())
		w.WriteHeader(http.StatusNoContent)
		return false
	}
	g.refuseHTTP(w, http.StatusMethodNotAllowed, "XML-RPC is called with POST")
	return false
}

// offered answers 503 when the exchange is away and 404 when the service of the
// URL is not there. It asks for what resolves now and does not judge the path. On
// /RPC2 the service comes with the method, so that is looked at later.
func (g *Gateway) offered(ctx context.Context, w http.ResponseWriter, r *http.Request, service string) bool {
	has, err := g.backend.Has(ctx, service)
	switch {
	case err != nil:
		g.answerFailure(w, r, service, err)
	case service != "" && !has:
		g.notFound(w)
	default:
		return true
	}
	return false
}

// answer writes what came of a call.
func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, service string, done outcome) {
	if context.Cause(r.Context()) == context.Canceled {
		return // the client has hung up; the call is cancelled
	}
	document, err := []byte(nil), done.err
	if err == nil {
		document, err = g.document(done)
	}
	if err != nil {
		g.answerFailure(w, r, service, err)
		return
	}
	g.write(w, r, document)
}

// answerFailure answers with HTTP's own codes when there was nobody to call, else with a
// fault.
func (g *Gateway) answerFailure(w http.ResponseWriter, r *http.Request, service string, err error) {
	b := g.blame(err)
	switch {
	case isAway(b.failure):
		g.away(w, b.failure)
	case b.failure.Code == wire.CodeNoService && service != "" && b.failure.Delivered == wire.No:
		g.notFound(w)
	default:
		g.writeFault(w, r, b)
	}
}
