package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/catalog"
	"github.com/netsvc/netsvc/internal/completion"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

var _ completion.Registry = (*catalog.Catalog)(nil)

// place is an exchange in virtual time, which may be replaced by another one.
type place struct {
	t        *testing.T
	exchange atomic.Pointer[exchange.Exchange]
}

// inPlace runs f in virtual time with an exchange.
func inPlace(t *testing.T, f func(t *testing.T, p *place)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &place{t: t}
		p.open()
		f(t, p)
		p.exchange.Load().Close()
	})
}

func (p *place) open() {
	p.t.Helper()
	ex, err := exchange.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.exchange.Store(ex)
}

func (p *place) dial(ctx context.Context) (net.Conn, error) { return p.exchange.Load().Dial(ctx) }

// connect makes a connection that is closed before f of inPlace has returned, if it defers that.
func (p *place) connect() *service.Conn {
	p.t.Helper()
	conn, err := service.Connect(p.t.Context(), "127.0.0.1:1", &service.Options{Dial: p.dial})
	if err != nil {
		p.t.Fatal(err)
	}
	return conn
}

func (p *place) announce(conn *service.Conn, services ...*service.Service) {
	p.t.Helper()
	for _, s := range services {
		if err := conn.Announce(p.t.Context(), s); err != nil {
			p.t.Fatal(err)
		}
	}
}

func math(opts *service.ServiceOptions) *service.Service {
	s := service.New("math", opts)
	s.Export("multiply", func(x, y int) int { return x * y }, nil)
	s.Export("add", func(x, y int) int { return x + y }, nil)
	return s
}

// shown is a snapshot as one text.
func shown(s *catalog.Snapshot) string {
	var b strings.Builder
	for _, v := range s.Services {
		b.WriteString(v.Name + addresses(v.Instances) + " ")
		if !v.MethodsKnown {
			b.WriteString("? ")
		}
		for _, m := range v.Methods {
			b.WriteString("." + m.Name + " ")
		}
	}
	for _, g := range s.Groups {
		b.WriteString(g.Name + ":" + addresses(g.Members) + " ")
	}
	fmt.Fprintf(&b, "%d synced=%t stale=%t", s.Instances, s.Synced, !s.Stale.IsZero())
	return b.String()
}

func addresses(infos []service.Info) string {
	var texts []string
	for _, i := range infos {
		texts = append(texts, i.Address.String())
	}
	return fmt.Sprint(texts)
}

// settle lets everything happen that is to happen.
func settle() {
	time.Sleep(time.Second)
	synctest.Wait()
}

func want(t *testing.T, what string, c *catalog.Catalog, want string) {
	t.Helper()
	settle()
	if got := shown(c.Snapshot()); got != want {
		t.Errorf("%s:\ngot  %s\nwant %s", what, got, want)
	}
}

func TestCatalogFollowsTheRegistry(t *testing.T) {
	inPlace(t, func(t *testing.T, p *place) {
		host, conn := p.connect(), p.connect()
		defer host.Close()
		defer conn.Close()
		c, err := catalog.Open(conn, catalog.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := shown(c.Snapshot()); got != "0 synced=false stale=false" {
			t.Errorf("at first it is %s", got)
		}
		if err := c.Synced(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(t, "nobody there", c, "0 synced=true stale=false")
		first, second := math(&service.ServiceOptions{Groups: []string{"web"}}), math(&service.ServiceOptions{Subjects: []string{"total"}, Description: "Counts."})
		p.announce(host, first, service.New("empty", nil), second)
		want(t, "three of them", c, "empty[empty@6] math[math@5 math@7] .add .multiply web:[math@5] 3 synced=true stale=false")
		if s := c.Snapshot().Service("math"); fmt.Sprintf("%v %v %s", s.Groups, s.Subjects, s.Description) != "[web] [total] Counts." {
			t.Errorf("math is %+v", s)
		}
		before := c.Snapshot()
		if err := errors.Join(second.Join("compute"), first.Leave("web"), second.Export("divide", func(x, y int) int { return x / y }, nil)); err != nil {
			t.Fatal(err)
		}
		want(t, "changed", c, "empty[empty@6] math[math@5 math@7] .add .divide .multiply compute:[math@7] 3 synced=true stale=false")
		if err := host.Withdraw(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		want(t, "one less", c, "empty[empty@6] math[math@5] .add .multiply 2 synced=true stale=false")
		if got := shown(before); !strings.Contains(got, "web:[math@5] 3") {
			t.Errorf("an old snapshot became %s", got)
		}
	})
}

// TestLostLink keeps what there was, with its age, until what there is has been told.
func TestLostLink(t *testing.T) {
	inPlace(t, func(t *testing.T, p *place) {
		host, conn := p.connect(), p.connect()
		defer conn.Close()
		p.announce(host, math(nil))
		c, err := catalog.Open(conn, catalog.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		want(t, "before", c, "math[math@5] .add .multiply 1 synced=true stale=false")
		lost := time.Now()
		host.Close()
		settle()
		p.exchange.Load().Close()
		want(t, "nobody was there at the loss", c, "0 synced=true stale=true")
		p.open()
		host = p.connect()
		defer host.Close()
		p.announce(host, math(nil))
		time.Sleep(5 * time.Second) // conn has its link again by then
		synctest.Wait()
		back := shown(c.Snapshot())
		if !strings.HasPrefix(back, "math[math@") || !strings.HasSuffix(back, ".add .multiply 1 synced=true stale=false") {
			t.Fatalf("after the outage it is %s", back)
		}
		p.exchange.Load().Close()
		settle()
		got := c.Snapshot()
		if shown(got) != strings.Replace(back, "stale=false", "stale=true", 1) {
			t.Errorf("without a link it is %s, want what was there before, stale", shown(got))
		}
		if got.Stale.Before(lost) || time.Since(got.Stale) != time.Second {
			t.Errorf("stale for %v, want a second", time.Since(got.Stale))
		}
		p.open()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := c.Snapshot(); !got.Stale.IsZero() || got.Service("math") == nil || !got.Service("math").MethodsKnown {
			t.Errorf("after the second outage it is %s", shown(got))
		}
	})
}

// TestEventsInOrder are told each, and what they say is in a snapshot soon.
func TestEventsInOrder(t *testing.T) {
	inPlace(t, func(t *testing.T, p *place) {
		host, conn := p.connect(), p.connect()
		defer host.Close()
		defer conn.Close()
		var told []string
		c, err := catalog.Open(conn, catalog.Options{OnEvent: func(e service.Event) {
			if !strings.HasPrefix(e.Info.Name, "_") {
				told = append(told, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Kind, e.Info.Address, e.Group)))
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Synced(t.Context()); err != nil {
			t.Fatal(err)
		}
		m := math(&service.ServiceOptions{Groups: []string{"web"}})
		p.announce(host, m)
		if err := host.Withdraw(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		settle()
		c.Close()
		want := []string{"synced", "available math@5", "joined math@5 web", "left math@5 web", "withdrawn math@5"}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}

func TestWhatCompletionAsks(t *testing.T) {
	inPlace(t, func(t *testing.T, p *place) {
		host, conn := p.connect(), p.connect()
		defer host.Close()
		defer conn.Close()
		p.announce(host, math(nil), service.New("echo", nil), math(nil))
		c, err := catalog.Open(conn, catalog.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		settle()
		for _, tc := range []struct{ pattern, want string }{
			{"", "[_exchange@2 math@5 echo@6 math@7]"},
			{"_*", "[_exchange@2]"},
			{"ma*", "[math@5 math@7]"},
			{"echo", "[echo@6]"},
			{"x*", "[]"},
		} {
			if got := addresses(c.Instances(t.Context(), tc.pattern)); got != tc.want {
				t.Errorf("instances of %q are %s, want %s", tc.pattern, got, tc.want)
			}
		}
		for _, tc := range []struct {
			target string
			want   int
		}{
			{"math", 2}, {"math@5", 2}, {"math@6", 0}, {"echo", 0}, {"nobody", 0}, {"not a target", 0},
		} {
			if got := c.Methods(t.Context(), tc.target); len(got) != tc.want {
				t.Errorf("methods of %q are %v, want %d", tc.target, got, tc.want)
			}
		}
		if len(c.Methods(t.Context(), "_exchange")) == 0 || c.Snapshot().Service("_exchange") != nil {
			t.Error("the exchange's own service is to be known and not to be shown")
		}
	})
}

func TestSyncedThatDoesNotCome(t *testing.T) {
	inPlace(t, func(t *testing.T, p *place) {
		p.exchange.Load().Close()
		conn, err := service.Connect(t.Context(), "127.0.0.1:1", &service.Options{Dial: p.dial, Background: true})
		if err != nil {
			t.Fatal(err)
		}
		c, err := catalog.Open(conn, catalog.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Synced(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Synced without an exchange = %v, want the end of its context", err)
		}
		conn.Close()
		if err := c.Synced(t.Context()); !errors.Is(err, service.ErrClosed) {
			t.Errorf("Synced of a closed Conn = %v, want ErrClosed", err)
		}
	})
}

// TestManyChanges make few snapshots, and the last one has them all.
func TestManyChanges(t *testing.T) {
	inPlace(t, func(t *testing.T, p *place) {
		host, conn := p.connect(), p.connect()
		defer host.Close()
		defer conn.Close()
		c, err := catalog.Open(conn, catalog.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		settle()
		<-c.Changed()
		var notices atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		counted := make(chan struct{})
		go func() {
			defer close(counted)
			for {
				select {
				case <-c.Changed():
					notices.Add(1)
				case <-ctx.Done():
					return
				}
			}
		}()
		for i := range 300 {
			p.announce(host, service.New(fmt.Sprintf("s%03d", i), nil))
			time.Sleep(time.Second / 300)
		}
		settle()
		cancel()
		<-counted
		if n := notices.Load(); n == 0 || n > 32 {
			t.Errorf("a second of changes made %d notices, want 32 at most", n)
		}
		if got := c.Snapshot(); len(got.Services) != 300 || got.Instances != 300 || !slices.IsSortedFunc(got.Services, func(a, b catalog.Service) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("it has %d services, %d instances", len(got.Services), got.Instances)
		}
	})
}
