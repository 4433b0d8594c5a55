package systemtest

import (
	"context"
	"net/http"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

const mathPath = "/xmlrpc/service/math"

// eventually waits until a call of the website is answered with the status.
func (w *website) eventually(what string, status int) answer {
	w.t.Helper()
	var a answer
	testnet.WaitFor(w.t, what, func() bool {
		a = w.call(mathPath, "multiply", 3, 4)
		return a.status == status
	})
	return a
}

// The group is the allow list, and it is live: nobody touches the gateway.
func TestGateway_FollowsTheGroup(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		math := newMath()
		conn := n.announce(math)
		web.eventually("math to be refused outside the group", http.StatusNotFound)
		if err := math.Join("web"); err != nil {
			t.Fatal(err)
		}
		if a := web.eventually("math to be reached in the group", http.StatusOK); a.value != int64(12) {
			t.Errorf("multiply = %v, want 12", a.value)
		}
		if err := math.Leave("web"); err != nil {
			t.Fatal(err)
		}
		web.eventually("math to be refused again", http.StatusNotFound)
		if err := math.Join("web"); err != nil {
			t.Fatal(err)
		}
		web.eventually("math to be back", http.StatusOK)
		conn.Close()
		web.eventually("math to be gone", http.StatusNotFound)
	})
}

// Without its exchange the gateway answers at once, and it comes back by itself.
func TestGateway_ExchangeAway(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		n.announce(newMath("web"))
		web.eventually("math", http.StatusOK)
		n.close()
		if a := web.eventually("the gateway to say that the exchange is away", http.StatusServiceUnavailable); a.header.Get("Retry-After") == "" {
			t.Error("503 without Retry-After")
		}
		n.open()
		for { // between the two nobody is told that math does not exist
			a := web.call(mathPath, "multiply", 3, 4)
			if a.status == http.StatusOK {
				break
			}
			if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || a.header.Get("Netsvc-Delivered") != "no" {
				t.Fatalf("status %d, %v while all come back, want 200, or 503 with when to try again", a.status, a.header)
			}
			if t.Context().Err() != nil {
				t.Fatal("math does not come back")
			}
		}
	})
}

// F55: a client that hangs up ends the handler.
func TestFault_55_HangUpCancelsTheHandler(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		svc, g := newGated("gated", &service.ServiceOptions{Groups: []string{"web"}})
		n.announce(svc)
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		testnet.WaitFor(t, "the gateway to know gated", func() bool { ok, err := web.members.Has(t.Context(), "gated"); return ok && err == nil })
		ctx, hangUp := context.WithCancel(t.Context())
		body := "<methodCall><methodName>wait</methodName><params><param><value>x</value></param></params></methodCall>"
		ended := make(chan answer, 1)
		go func() { ended <- web.post(ctx, "/xmlrpc/service/gated", body) }()
		testnet.Receive(t, "the handler", g.entered)
		hangUp()
		if err := testnet.Receive(t, "the end of the handler's context", g.ended); err != context.Canceled {
			t.Errorf("the handler's context ended with %v, want canceled", err)
		}
		testnet.Receive(t, "the client", ended)
	})
}
