package service

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// Conn is a process's connection to an exchange. It connects, and connects again when the
// link breaks, until it is closed.
type Conn struct{}

// Connect makes a Conn. addr is "11111" (loopback), "host:port" or "unix:/path". It waits
// for the exchange's welcome, unless Options.Background; when ctx ends first the error is a
// Failure with code unreachable. A refusal that trying again cannot change is returned at
// once: a *Failure, a *wire.VersionError, or an error that is wire.ErrNotNetsvc.
func Connect(ctx context.Context, addr string, opts *Options) (*Conn, error) { panic("draft") }

// Ready waits until the link is up. The error is unreachable when ctx ends first, or why the
// Conn has ended.
func (c *Conn) Ready(ctx context.Context) error { panic("draft") }

// Connected reports whether the link is up.
func (c *Conn) Connected() bool { panic("draft") }

// Address is that of the connection's own hidden instance, such as @7: the caller in all
// its requests. It is zero while the link is down.
func (c *Conn) Address() Address { panic("draft") }

// OnState has f called at each change of the link, one call at a time, from a goroutine of
// its own, beginning with what is when it is registered if the link is up or a first
// attempt has failed. err says why the link is down. Changes that come while f runs are
// told by the last of them.
func (c *Conn) OnState(f func(up bool, err error)) { panic("draft") }

// Close ends the Conn at once: open calls end as unreachable, the contexts of running
// handlers are cancelled. It waits for the Conn's own goroutines but not for handlers, and
// may be called many times.
func (c *Conn) Close() error { panic("draft") }

// Shutdown withdraws all services as drained, waits until their calls have ended, and
// closes. When ctx ends first, calls that wait get draining (no), contexts are cancelled, and
// ctx's error is returned.
func (c *Conn) Shutdown(ctx context.Context) error { panic("draft") }

// Done is closed when the Conn has ended.
func (c *Conn) Done() <-chan struct{} { panic("draft") }

// Err is why the Conn has ended: ErrClosed, or the refusal of the exchange; nil before.
func (c *Conn) Err() error { panic("draft") }

// Export gives the connection's own instance a method, so that a service may call its
// caller back by Caller.Address.
func (c *Conn) Export(method string, fn any, opts *MethodOptions) error { panic("draft") }

// ServiceOptions describes a Service. Nil or the zero value serves.
type ServiceOptions struct {
	Groups      []string          // joined from the start
	Version     string            // of the service, for people
	Description string            // one line or more, for people
	Labels      map[string]string // for whoever chooses among instances
	Hidden      bool              // callable by address only, and not listed
	Serial      bool              // one handler at a time; the same as Limit 1
	Limit       int               // running handlers. Zero means 256
	Queue       int               // waiting calls. Zero means 1,024
	QueueBytes  int               // arguments of waiting calls. Zero means 8 MiB
	Logger      *slog.Logger      // gets panics with their stacks. Nil means the Conn's
}

// Service is a name with methods. It is announced by Conn.Announce or Run.
type Service struct{}

// New makes a service. What is wrong with name or options is returned by the first Export,
// Join, Announce or Run.
func New(name string, opts *ServiceOptions) *Service { panic("draft") }

// MethodOptions describes a method to those who call it. All may be left out.
type MethodOptions struct {
	Doc        string              // one sentence, then whatever helps
	Params     []string            // names, in order, the context not counted; default arg1, arg2, ...
	ParamDocs  []string            // in the same order; there may be fewer
	Secret     []string            // names of parameters whose values are never shown
	Enums      map[string][]string // by parameter name: the texts that fit
	ReadOnly   bool                // changes nothing
	Idempotent bool                // twice is as good as once
	Deprecated bool
}

// Export adds a method. fn is any func whose parameters, after an optional first
// context.Context, and whose result can travel (see package value); it may return an error
// last. The first error of a service is kept and returned by Announce and Run, too, so
// that a list of Exports reads well without checks. A method exported while the service is
// announced is told to the exchange.
func (s *Service) Export(method string, fn any, opts *MethodOptions) error { panic("draft") }

// Join adds the service to groups, now and at each later announcement.
func (s *Service) Join(groups ...string) error { panic("draft") }

// Leave takes the service out of groups.
func (s *Service) Leave(groups ...string) error { panic("draft") }

// Groups lists the groups the service is in, sorted.
func (s *Service) Groups() []string { panic("draft") }

// SetHidden hides the service from names, groups and watches, or shows it.
func (s *Service) SetHidden(hidden bool) error { panic("draft") }

// Name is the service's name.
func (s *Service) Name() string { panic("draft") }

// Address is the service's unique address, zero while it is not announced. It changes when
// the link is made anew.
func (s *Service) Address() Address { panic("draft") }

// Announce makes the service known, now and after each reconnection, and waits for the
// exchange's answer. When the exchange refuses or ctx ends first, the service is not
// announced and the error says why. A service is announced by one Conn at a time.
func (c *Conn) Announce(ctx context.Context, s *Service) error { panic("draft") }

// Withdraw ends the announcement and waits until the calls it had have ended, or for ctx;
// they go on even so.
func (c *Conn) Withdraw(ctx context.Context, s *Service) error { panic("draft") }

// Run connects in the background, announces the services whenever the exchange is there,
// and serves until ctx ends or the process gets SIGINT or SIGTERM. Then it drains: it
// withdraws, finishes calls in flight for up to 5 s, and returns nil, or the error of
// Shutdown when calls had to be cut off. A second signal makes it return at once with a
// *SignalError. Refusals of the exchange are returned, too.
func Run(ctx context.Context, addr string, services ...*Service) error { panic("draft") }

// RunConn is Run over a connection that the caller has made, with its own grace time. It
// closes conn.
func RunConn(ctx context.Context, conn *Conn, grace time.Duration, services ...*Service) error {
	panic("draft")
}

// Timer is a func that will run.
type Timer struct{}

// Stop ends the timer. A func that is running is not waited for.
func (t *Timer) Stop() { panic("draft") }

// Done is closed when the timer has ended and its func is not running any more.
func (t *Timer) Done() <-chan struct{} { panic("draft") }

// After runs f once after d, unless ctx ends first.
func After(ctx context.Context, d time.Duration, f func(context.Context)) *Timer { panic("draft") }

// Every runs f each d until ctx ends, one call at a time; a tick that comes while f runs is
// left out.
func Every(ctx context.Context, d time.Duration, f func(context.Context)) *Timer { panic("draft") }

// Caller is what a handler may know of its request.
type Caller struct {
	Address  Address        // the caller's own hidden instance
	Depth    int            // 0 when the call was not made from within a handler
	Method   string         // as called
	Headers  map[string]any // metadata, such as a trace context; nil when there is none
	Instance Address        // who was called
	Service  *Service       // who was called; nil for the connection's own instance
	Conn     *Conn          // by which the request came; use it for calls of the handler's own
}

// CallerFrom returns the request that a handler's context belongs to, and false for any
// other context.
func CallerFrom(ctx context.Context) (Caller, bool) { panic("draft") }

// Endpoint is the caller's handle on a name or an address.
type Endpoint struct{}

// CallOptions are for the calls of one endpoint, or for one call.
type CallOptions struct {
	Timeout time.Duration  // deadline from the start of each call. Zero means that of ctx, else Options.Timeout
	Headers map[string]any // metadata for the handler, 8 KiB encoded at most
}

// Endpoint returns the handle on a name ("math") or an address ("math@3", "@7"). It never
// fails; what is wrong with the target shows at the first call. An address is one of the
// exchange connected to now, or first, and means nobody at any other.
func (c *Conn) Endpoint(target string) *Endpoint { panic("draft") }

// At returns the handle on exactly one instance, of the exchange that its address names.
func (c *Conn) At(a Address) *Endpoint { panic("draft") }

// Target is the name or address the endpoint stands for.
func (e *Endpoint) Target() string { panic("draft") }

// With returns an endpoint for the same target with other options.
func (e *Endpoint) With(opts CallOptions) *Endpoint { panic("draft") }

// Call calls a method and returns its result in the Go form that value.Decode gives it. The
// error is always a *Failure.
func (e *Endpoint) Call(ctx context.Context, method string, args ...any) (any, error) {
	panic("draft")
}

// Call calls a method whose result is a T, by the rules of value.Unmarshal.
func Call[T any](ctx context.Context, e *Endpoint, method string, args ...any) (T, error) {
	panic("draft")
}

// Response is the good outcome of a call, still encoded.
type Response struct {
	Value    value.Raw // not checked; value.Decode and value.Unmarshal do that
	Instance Address   // who answered
}

// CallRaw calls a method with arguments that are encoded already, an encoded list as
// value.AppendArgs makes it; nil stands for none. opts may be nil, else it replaces the
// endpoint's.
func (e *Endpoint) CallRaw(ctx context.Context, method string, args []byte, opts *CallOptions) (*Response, error) {
	panic("draft")
}

// Pending is a call whose outcome is fetched later.
type Pending struct{}

// Go starts a call and returns at once. Calls started one after another by one goroutine
// are sent in that order.
func (e *Endpoint) Go(ctx context.Context, method string, args ...any) *Pending { panic("draft") }

// Done is closed when the outcome is there.
func (p *Pending) Done() <-chan struct{} { panic("draft") }

// Result waits for the outcome, as Endpoint.Call returns it.
func (p *Pending) Result() (any, error) { panic("draft") }

// Then has f called with the outcome, on a goroutine of its own, also when it is there
// already. It may be called many times, at any time.
func (p *Pending) Then(f func(result any, err error)) { panic("draft") }

// Cancel ends the call as canceled, unless it has ended.
func (p *Pending) Cancel() { panic("draft") }

// WatchOptions say which part of the registry to follow. At most one may be set; none means
// all that is not hidden.
type WatchOptions struct {
	Glob    string  // names that match: '*' is any run of characters, '?' any one
	Group   string  // members of a group
	Address Address // one instance, also a hidden one or a connection's own
}

// Watch follows a part of the registry. Its events are read by one goroutine at a time.
type Watch struct{}

// Watch begins to follow a part of the registry. It does not wait: the first event comes
// when the exchange is there. What is wrong with the options is the error.
func (c *Conn) Watch(opts WatchOptions) (*Watch, error) { panic("draft") }

// Next waits for the next event. The error is ctx's, ErrClosed after Close, the reason the
// Conn ended, or the exchange's refusal.
func (w *Watch) Next(ctx context.Context) (Event, error) { panic("draft") }

// Events yields the events until ctx ends or the watch does.
func (w *Watch) Events(ctx context.Context) iter.Seq[Event] { panic("draft") }

// Close ends the watch.
func (w *Watch) Close() { panic("draft") }

// Directory is a local copy of a part of the registry, kept up to date.
type Directory struct{}

// Directory begins to keep a copy of a part of the registry. It does not wait; Synced does.
func (c *Conn) Directory(opts WatchOptions) (*Directory, error) { panic("draft") }

// Synced waits until the copy holds the present state.
func (d *Directory) Synced(ctx context.Context) error { panic("draft") }

// Lookup lists the instances of a name, oldest first.
func (d *Directory) Lookup(name string) []Info { panic("draft") }

// Group lists the members of a group, oldest first.
func (d *Directory) Group(group string) []Info { panic("draft") }

// At finds one instance.
func (d *Directory) At(a Address) (Info, bool) { panic("draft") }

// All lists all instances, oldest first.
func (d *Directory) All() []Info { panic("draft") }

// Close ends the updates; the copy stays as it is.
func (d *Directory) Close() { panic("draft") }

// Describe asks for the instances and methods of a name or address, in one round trip. The
// failure is no_service when nobody has it.
func (c *Conn) Describe(ctx context.Context, target string) (*Description, error) { panic("draft") }
