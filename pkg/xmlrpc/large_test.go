package xmlrpc_test

import (
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestClientHearsThatACallIsTooLarge(t *testing.T) {
	testnet.LeakCheck(t)
	client := clientOfGateway(t, nil)
	for _, length := range []int{4 << 20, 12 << 20} {
		for range 3 {
			_, err := client.Call(t.Context(), "math.multiply", strings.Repeat("a", length))
			wantFailure(t, "a text of some MiB", err, wire.CodeTooLarge, wire.No)
		}
	}
}
