package systemtest

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// newBack answers what front passes on.
func newBack() *service.Service {
	back := service.New("back", nil)
	back.Export("double", func(n int64) int64 { return 2 * n }, nil)
	back.Export("fail", func() error {
		return &service.Failure{Number: 7, Origin: "bank", Description: "no money", Details: "balance: 3"}
	}, nil)
	return back
}

// newFront answers in every way there is but the plain one. back is reached by its own
// connection.
func newFront(back *service.Endpoint) *service.Service {
	front := service.New("front", &service.ServiceOptions{Groups: []string{"web"}})
	front.Export("passed", func(ctx context.Context, n int64) error { return service.Forward(ctx, back, "double", n) }, nil)
	front.Export("passedToNobody", func(ctx context.Context) error {
		return service.Forward(ctx, back, "nothing")
	}, nil)
	front.Export("passedToFail", func(ctx context.Context) error { return service.Forward(ctx, back, "fail") }, nil)
	front.Export("kept", func(ctx context.Context, n int64) int64 {
		kept := service.Keep(ctx)
		go kept.Answer(n + 1)
		return 0
	}, nil)
	front.Export("keptToFail", func(ctx context.Context) error {
		kept := service.Keep(ctx)
		go kept.Fail(&service.Failure{Number: 8, Origin: "bank", Description: "closed"})
		return nil
	}, nil)
	front.Export("count", func(n int64) iter.Seq[int64] {
		return func(yield func(int64) bool) {
			for i := int64(1); i <= n && yield(i); i++ {
			}
		}
	}, nil)
	front.Export("countToFail", func() iter.Seq2[int64, error] {
		return func(yield func(int64, error) bool) {
			_ = yield(1, nil) && yield(0, fmt.Errorf("no more"))
		}
	}, nil)
	front.ExportFallback(func(_ context.Context, method string, args []any) (any, error) {
		if method == "guessed" {
			return fmt.Sprint(method, args), nil
		}
		return nil, service.ErrNoMethod
	})
	return front
}

// TestGateway_EveryWayToAnswer: clients of HTTP see forwarded, kept, streamed and guessed calls
// as any other.
func TestGateway_EveryWayToAnswer(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		n.announce(newBack())
		conn := n.connect(nil)
		n.announceBy(conn, newFront(conn.Endpoint("back")))
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		testnet.WaitFor(t, "the gateway to know front", func() bool { ok, err := web.members.Has(t.Context(), "front"); return ok && err == nil })
		tests := []struct {
			method string
			params []int
			value  any
			fault  string // its code and text
			told   string
		}{
			{"passed", []int{21}, int64(42), "", ""},
			{"passedToFail", nil, nil, "7 bank -- no money\n\nbalance: 3", "application 7 yes"},
			{"passedToNobody", nil, nil, "-32601 netsvc -- service back has no method", "no_method 55 maybe"},
			{"kept", []int{1}, int64(2), "", ""},
			{"keptToFail", nil, nil, "8 bank -- closed", "application 8 yes"},
			{"count", []int{3}, []any{int64(1), int64(2), int64(3)}, "", ""},
			{"count", []int{0}, []any{}, "", ""},
			{"countToFail", nil, nil, "-32500 netsvc -- no more", "application 57 yes"},
			{"guessed", []int{5, 6}, "guessed[5 6]", "", ""},
			{"unheard", nil, nil, "-32601 netsvc -- ", "no_method 55 maybe"},
		}
		for _, tt := range tests {
			a := web.call("/xmlrpc/service/front", tt.method, tt.params...)
			fault := ""
			if a.fault != nil {
				fault = fmt.Sprintf("%d %s", a.fault.Code, a.fault.String)
			}
			if a.status != http.StatusOK || a.err != nil || !reflect.DeepEqual(a.value, tt.value) ||
				!strings.HasPrefix(fault, tt.fault) || (tt.fault == "") != (fault == "") {
				t.Errorf("%s: %d, %v, %v, %q, want %v, %q", tt.method, a.status, a.value, a.err, fault, tt.value, tt.fault)
			}
			if !strings.HasPrefix(a.told(), tt.told) || (tt.told == "") != (a.told() == "") {
				t.Errorf("%s: the header tells %q, want %q", tt.method, a.told(), tt.told)
			}
		}
	})
}

// TestGateway_StreamOverTheLimit: a list with too many elements is a fault, and the gateway
// goes on.
func TestGateway_StreamOverTheLimit(t *testing.T) {
	testnet.LeakCheck(t)
	n := newNetwork(t, "memory")
	n.open()
	conn := n.connect(nil)
	n.announceBy(conn, newFront(conn.Endpoint("back")))
	web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
	testnet.WaitFor(t, "the gateway to know front", func() bool { ok, err := web.members.Has(t.Context(), "front"); return ok && err == nil })
	a := web.call("/xmlrpc/service/front", "count", 1_000_001)
	if a.fault == nil || a.fault.Code != xmlrpc.CodeApplication || !strings.Contains(a.fault.String, "1000000") {
		t.Errorf("a stream over the limit: %d, %+v, %v, %s, want a fault that names the limit", a.status, a.fault, a.err, a.told())
	}
	if a := web.call("/xmlrpc/service/front", "count", 1); !reflect.DeepEqual(a.value, []any{int64(1)}) {
		t.Errorf("after it: %+v, want [1]", a)
	}
}
