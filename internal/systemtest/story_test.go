package systemtest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// orders are all orders in which the four roles of the story can start.
func orders(roles []string) [][]string {
	if len(roles) == 1 {
		return [][]string{roles}
	}
	var all [][]string
	for i, first := range roles {
		var others []string
		others = append(append(others, roles[:i]...), roles[i+1:]...)
		for _, rest := range orders(others) {
			all = append(all, append([]string{first}, rest...))
		}
	}
	return all
}

func TestStory_S5_AnyStartOrder(t *testing.T) {
	for _, order := range orders([]string{"exchange", "service", "client", "gateway"}) {
		t.Run(strings.Join(order, ","), func(t *testing.T) { overEach(t, func(t *testing.T, n *network) { tellStory(t, n, order) }) })
	}
}

// tellStory starts the roles in an order; whatever it is, all of them find each other.
func tellStory(t *testing.T, n *network, order []string) {
	n.reserve()
	var client *service.Conn
	var web *website
	var stop func() error
	for _, role := range order {
		switch role {
		case "exchange":
			n.open()
		case "service":
			stop = n.run(newMath("web-services"))
		case "client":
			client = n.background(nil)
		case "gateway":
			web = newWebsite(t, n.background(nil), xmlrpc.Selection{Groups: []string{"web-services"}}, nil)
		}
	}
	math := client.Endpoint("math")
	testnet.WaitFor(t, "the client's answer", func() bool {
		v, err := math.Call(t.Context(), "multiply", 3, 3)
		return err == nil && v == int64(9) || !wantAbsent(t, err)
	})
	testnet.WaitFor(t, "the gateway's answer", func() bool {
		a := web.call("/xmlrpc/service/math", "multiply", 3, 4)
		return a.value == int64(12) || !a.absent()
	})
	if err := stop(); err != nil {
		t.Errorf("the service ended with %v, want nil", err)
	}
	want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, failing(math, "multiply", 3, 3))
	testnet.WaitFor(t, "the gateway to forget math", func() bool {
		return web.call("/xmlrpc/service/math", "multiply", 3, 4).status == http.StatusNotFound
	})
}

// wantAbsent fails t unless err says that the exchange or the service is not there yet and
// that nothing was delivered.
func wantAbsent(t *testing.T, err error) bool {
	t.Helper()
	var f *service.Failure
	ok := errors.As(err, &f) && f.Delivered == service.No &&
		(errors.Is(err, service.ErrUnreachable) || errors.Is(err, service.ErrNoService))
	if !ok {
		t.Fatalf("before all are there a call ended with %v, want unreachable or no_service, not delivered", err)
	}
	return true
}

// TestStory_S3_ClientOnceASecond is the client of the story, by the clock.
func TestStory_S3_ClientOnceASecond(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		client := n.background(&service.Options{})
		members := directory(t, client, service.WatchOptions{Glob: "math"})
		answers := make(chan any, 100)
		timer := service.Every(t.Context(), time.Second, func(ctx context.Context) {
			if len(members.Lookup("math")) == 0 {
				return
			}
			v, err := client.Endpoint("math").Call(ctx, "multiply", 7, 7)
			if err != nil {
				v = err
			}
			answers <- v
		})
		defer func() { timer.Stop(); <-timer.Done() }()
		time.Sleep(3500 * time.Millisecond)
		if len(answers) != 0 {
			t.Errorf("%d answers before there is an exchange", len(answers))
		}
		n.open()
		math := newMath()
		conn := n.background(&service.Options{})
		n.announceBy(conn, math)
		time.Sleep(3100 * time.Millisecond) // 2 s of back-off at most, then the next second
		if len(answers) < 1 || len(answers) > 4 {
			t.Errorf("%d answers in 3.1 s, want 1 to 4", len(answers))
		}
		for len(answers) > 0 {
			if v := <-answers; v != int64(49) {
				t.Errorf("answer %v, want 49", v)
			}
		}
		conn.Close()
		time.Sleep(5 * time.Second)
		if len(answers) != 0 {
			t.Errorf("%v after the service has gone, want no call", <-answers)
		}
		n.announce(newMath())
		time.Sleep(1100 * time.Millisecond)
		if len(answers) != 1 {
			t.Errorf("%d answers in the 1.1 s after its return, want 1", len(answers))
		}
	})
}

// TestStory_S1_PortNumberAlone is the story's own way to say where the exchange is, with
// the fixed delay of its predecessor.
func TestStory_S1_PortNumberAlone(t *testing.T) {
	testnet.LeakCheck(t)
	n := newNetwork(t, "tcp")
	n.open()
	_, port, _ := strings.Cut(n.address(), ":")
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx, port, newMath()) }()
	conn, err := service.Connect(patient(t), "localhost:"+port, &service.Options{RetryFixed: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	waitInstances(t, directory(t, conn, service.WatchOptions{}), "math", 1)
	if v := call(t, conn.Endpoint("math"), "multiply", 6, 7); v != int64(42) {
		t.Errorf("multiply(6, 7) = %v, want 42", v)
	}
	cancel()
	if err := testnet.Receive(t, "Run to return", ended); err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
}
