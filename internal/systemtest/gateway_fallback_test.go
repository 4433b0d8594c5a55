package systemtest

import (
	"context"
	"fmt"
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// TestGateway_Fallback: methods that no signature names reach the service, and it alone says
// which there are not.
func TestGateway_Fallback(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		mock := service.New("mock", &service.ServiceOptions{Groups: []string{"web"}})
		mock.ExportFallback(func(_ context.Context, method string, args []any) (any, error) {
			if method == "none" {
				return nil, service.ErrNoMethod
			}
			return fmt.Sprint(method, args), nil
		})
		n.announce(mock)
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		path := "/xmlrpc/service/mock"
		if a := web.call(path, "state.names.of", 3); a.value != "state.names.of[3]" {
			t.Errorf("the answer is %+v, want the method and its arguments", a)
		}
		if a := web.call("/RPC2", "mock.x"); a.value != "x[]" {
			t.Errorf("the answer is %+v, want the method", a)
		}
		if a := web.call(path, "none"); a.fault == nil || a.fault.Code != -32601 {
			t.Errorf("the answer is %+v, want a fault for a method there is not", a)
		}
	})
}
