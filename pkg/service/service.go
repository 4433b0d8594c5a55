package service

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// ServiceOptions describes a Service. Nil or the zero value serves.
type ServiceOptions struct {
	Groups      []string          // joined from the start
	Version     string            // of the service, for people
	Description string            // one line or more, for people
	Subjects    []string          // what it publishes on, for people; '*' and '?' as in a subscription
	Labels      map[string]string // for whoever chooses among instances
	Hidden      bool              // callable by address only, and not listed
	Serial      bool              // one handler at a time; the same as Limit 1
	Limit       int               // running handlers. Zero means 256
	Queue       int               // waiting calls. Zero means 1,024
	QueueBytes  int               // arguments of waiting calls. Zero means 8 MiB
	Logger      *slog.Logger      // gets panics with their stacks. Nil means the Conn's

	// Work, if not nil, is what the service does beside answering calls, such as publishing
	// reports. It runs on a goroutine of its own, once for each Announce that the exchange has
	// agreed to, over all reconnections; ctx ends when the service is withdrawn or its Conn
	// ends, and Work is to return then. Conn.Shutdown, Run and Serve wait for it. A panic is
	// logged and ends it.
	Work func(ctx context.Context, s *Service)
}

// Bounds of an instance when its options do not say, and of its groups.
const (
	defaultLimit      = 256
	defaultQueue      = 1024
	defaultQueueBytes = 8 << 20
	maxGroups         = 64
)

// Service is a name with methods. It is announced by Conn.Announce or Run, by one Conn at a
// time. Its methods may be called from any goroutine.
type Service struct {
	name    string
	opts    ServiceOptions
	methods atomic.Pointer[methodTable]
	counts  serviceCounts

	mu         sync.Mutex
	err        error // the first thing that was wrong with it
	groups     map[string]bool
	hidden     bool
	metadata   metadata
	middleware []Middleware
	wrapped    Handler   // the middleware, as one; nil without any
	instance   *instance // nil when it is not to be announced
	audience   *audience // nil until somebody asks who is subscribed
}

// New makes a service. What is wrong with the name or the options is returned by every
// Export and Join, and by Announce and Run.
func New(name string, opts *ServiceOptions) *Service {
	s := newService(name, opts)
	s.fault(value.CheckServiceName(name))
	return s
}

func newService(name string, opts *ServiceOptions) *Service {
	s := &Service{name: name, groups: map[string]bool{}}
	if opts != nil {
		s.opts = *opts
	}
	s.opts.Subjects = slices.Compact(slices.Sorted(slices.Values(s.opts.Subjects)))
	s.fault(s.opts.fill())
	s.hidden = s.opts.Hidden
	s.metadata = metadata{s.opts.Version, s.opts.Description, maps.Clone(s.opts.Labels)}
	for _, g := range s.opts.Groups {
		s.groups[g] = true
		s.fault(value.CheckGroupName(g))
	}
	s.fault(checkGroupCount(len(s.groups)))
	s.methods.Store(&methodTable{byName: s.systemMethods()})
	return s
}

// fill checks the options and fills what is zero.
func (o *ServiceOptions) fill() error {
	if o.Limit < 0 || o.Queue < 0 || o.QueueBytes < 0 {
		return errors.New("service: a limit in ServiceOptions is negative")
	}
	if f := wire.CheckMetadata(o.Version, o.Description, o.Labels); f != nil {
		return f
	}
	if f := wire.CheckSubjects(o.Subjects); f != nil {
		return f
	}
	for field, standard := range map[*int]int{&o.Limit: defaultLimit, &o.Queue: defaultQueue, &o.QueueBytes: defaultQueueBytes} {
		if *field == 0 {
			*field = standard
		}
	}
	if o.Serial {
		o.Limit = 1
	}
	return nil
}

func checkGroupCount(n int) error {
	if n > maxGroups {
		return wire.Failf(wire.CodeBadParams, wire.No, "%d groups are over the limit of %d for an instance", n, maxGroups)
	}
	return nil
}

// fault notes the first thing that is wrong with the service.
func (s *Service) fault(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	return s.err
}

// Name is the service's name.
func (s *Service) Name() string { return s.name }

// title names the service in messages; a connection's own instance has no name.
func (s *Service) title() string {
	if s.name == "" {
		return "of a connection"
	}
	return s.name
}

// Address is the service's unique address, zero while it is not announced. It changes when
// the link is made anew.
func (s *Service) Address() Address {
	s.mu.Lock()
	i := s.instance
	s.mu.Unlock()
	if i == nil {
		return Address{}
	}
	return i.address()
}

// Join adds the service to groups, now and at each later announcement. Joining twice is
// joining once. The error is a wrong name or too many groups, and changes nothing.
func (s *Service) Join(groups ...string) error {
	for _, g := range groups {
		if err := value.CheckGroupName(g); err != nil {
			return err
		}
	}
	return s.regroup(groups, nil)
}

// Leave takes the service out of groups. Groups it is not in are passed over.
func (s *Service) Leave(groups ...string) error { return s.regroup(nil, groups) }

// regroup changes the groups and tells the exchange.
func (s *Service) regroup(join, leave []string) error {
	told, err := s.changeGroups(join, leave)
	told.flush()
	return err
}

func (s *Service) changeGroups(join, leave []string) (told *session, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	count := len(s.groups)
	for i, g := range join {
		if !s.groups[g] && !slices.Contains(join[:i], g) {
			count++
		}
	}
	if err := checkGroupCount(count); err != nil {
		return nil, err
	}
	for _, g := range join {
		s.groups[g] = true
	}
	for _, g := range leave {
		delete(s.groups, g)
	}
	return s.update(&wire.Update{Join: join, Leave: leave}), nil
}

// Groups lists the groups the service is in, sorted.
func (s *Service) Groups() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.groupList()
}

func (s *Service) groupList() []string {
	list := make([]string, 0, len(s.groups))
	for g := range s.groups {
		list = append(list, g)
	}
	slices.Sort(list)
	return list
}

// SetHidden hides the service from names, groups and watches, or shows it. Hidden, it can
// be called by address.
func (s *Service) SetHidden(hidden bool) error {
	s.mu.Lock()
	err := s.err
	var told *session
	if err == nil && s.hidden != hidden {
		s.hidden = hidden
		told = s.update(&wire.Update{Hidden: &hidden})
	}
	s.mu.Unlock()
	told.flush()
	return err
}
