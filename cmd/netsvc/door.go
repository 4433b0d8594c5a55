package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/internal/httpdoor"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// door is a gateway with its HTTP side.
type door struct {
	members  *xmlrpc.Members
	gateway  *xmlrpc.Gateway
	http     *http.Server
	ways     []*doorway
	tls      *tls.Config // of all ways, nil for none
	visits   visits
	draining atomic.Bool     // somebody else should be called
	calls    context.Context // of all requests
	cutOff   context.CancelCauseFunc
	serving  sync.WaitGroup
}

// doorOptions tune a door.
type doorOptions struct {
	gateway   xmlrpc.GatewayOptions
	conns     int // connections at once; zero means no limit
	perClient int // of one address; zero means no limit
	accessLog bool
	tokens    *httpdoor.Tokens // nil for none
	users     *httpdoor.Users  // nil for none
	rules     []httpdoor.Rule  // of addresses, the first that fits counts
	tls       *tls.Config      // nil for none
}

// newDoor makes the gateway for a part of what an exchange has. It does not listen yet.
func newDoor(conn *service.Conn, selection xmlrpc.Selection, opts *doorOptions) (*door, error) {
	if opts.gateway.Timeout <= 0 {
		return nil, errors.New("the timeout of a gateway must be above zero")
	}
	members, err := xmlrpc.NewMembers(conn, selection)
	if err != nil {
		return nil, err
	}
	opts.gateway.Called = func(r *http.Request, target string) { httpdoor.VisitOf(r.Context()).Called = target }
	gateway, err := xmlrpc.NewGateway(members, &opts.gateway)
	if err != nil {
		members.Close()
		return nil, err
	}
	d := &door{members: members, gateway: gateway, tls: opts.tls}
	d.visits.clients.most = opts.perClient
	if opts.conns > 0 {
		d.visits.places = make(chan struct{}, opts.conns)
	}
	d.calls, d.cutOff = context.WithCancelCause(context.Background())
	d.http = httpServer(d.handler(opts), opts.gateway.Timeout)
	d.http.BaseContext = func(net.Listener) context.Context { return d.calls }
	d.http.ConnState = d.visits.note
	return d, nil
}

// handler is the gateway with what stands in front of it.
func (d *door) handler(opts *doorOptions) http.Handler {
	var h http.Handler = d.gateway
	if opts.tokens != nil || opts.users != nil {
		h = &httpdoor.Auth{Tokens: opts.tokens, Users: opts.users, Logger: opts.gateway.Logger, Next: h}
	}
	if len(opts.rules) > 0 {
		h = &httpdoor.Addresses{Rules: opts.rules, Next: h}
	}
	if opts.accessLog {
		h = &httpdoor.AccessLog{Logger: opts.gateway.Logger, Next: h}
	}
	return &httpdoor.Health{Ready: d.readiness, Next: h}
}

var (
	errDraining = errors.New("the gateway is draining")
	errAway     = errors.New("the exchange is away")
)

// readiness is why calls should go to another gateway.
func (d *door) readiness(ctx context.Context) error {
	if d.draining.Load() {
		return errDraining
	}
	if _, err := d.members.Has(ctx, ""); err != nil {
		return errAway
	}
	return nil
}

// announceEnd lets those who ask know that the end is near, and goes on as before for a while, so
// that they can send everybody elsewhere.
func (d *door) announceEnd(delay time.Duration) {
	d.draining.Store(true)
	if delay > 0 {
		<-time.After(delay)
	}
}

// httpServer has the time-outs and limits of HTTP for a handler whose calls take so long at most.
func httpServer(handler http.Handler, timeout time.Duration) *http.Server {
	return &http.Server{
		Handler:           tellTLS(handler),
		ConnContext:       withConn,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      timeout + 10*time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    64 << 10,
	}
}

// startWait is how long clients wait in the queue of a gateway that starts.
const startWait = 2 * time.Second

// ready waits, for a moment, until the gateway knows what can be called, so that one which takes
// the place of another does not refuse the first calls. It does not wait for an exchange that
// is away.
func (d *door) ready(ctx context.Context, conn *service.Conn) {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	tried, tell := context.WithCancel(ctx)
	defer tell()
	conn.OnState(func(bool, error) { tell() })
	<-tried.Done()
	d.members.Services(ctx) // waits for the copy of the registry
}

// open serves on the listeners, until shutdown or close. handed listeners are a supervisor's,
// which keeps them open.
func (d *door) open(open listeners, handed bool, log *slog.Logger) {
	d.http.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	for _, l := range open {
		way := newDoorway(l, handed, d.tls, &d.visits)
		d.ways = append(d.ways, way)
		d.serving.Go(func() { d.http.Serve(way) }) // ends when shutdown leaves the doorway, or close closes it
	}
}

const (
	// linger is how long a connection may be idle before a gateway that ends closes it. Who
	// uses it meanwhile learns from the answer that it was the last one.
	linger = time.Second
	// lastWords is how long before the end of the grace time open calls are canceled, so that
	// their clients get an answer.
	lastWords = 500 * time.Millisecond
)

// errCutOff reports that the time was over with calls in flight.
var errCutOff = errors.New("the gateway had no time left")

// shutdown lets nobody in, answers every request that has come, and ends by ctx: what is open
// shortly before is canceled and told so.
func (d *door) shutdown(ctx context.Context) error {
	d.gateway.Drain()
	for _, way := range d.ways {
		way.leave()
	}
	d.serving.Wait() // all who came are let in
	grace := time.Hour
	if end, ok := ctx.Deadline(); ok {
		grace = time.Until(end)
	}
	idle, stopIdle := context.WithTimeout(ctx, min(linger, grace/4))
	defer stopIdle()
	if d.visits.gone(idle, leaveAlone) {
		return nil
	}
	open, stopOpen := context.WithTimeout(ctx, grace-min(lastWords, grace/2))
	defer stopOpen()
	if d.visits.gone(open, dismiss) {
		return nil
	}
	d.cutOff(errCutOff)
	d.visits.gone(ctx, hurry)
	return errCutOff
}

// close ends everything at once.
func (d *door) close() {
	d.cutOff(errCutOff)
	d.http.Close()
	for _, way := range d.ways {
		way.Close()
	}
	d.serving.Wait()
	d.members.Close()
}
