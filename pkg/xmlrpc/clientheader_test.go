package xmlrpc_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// TestNewClientRefusesFieldsThatCannotBeSent: a token as a file has it ends with a line feed. Found out at the
// first call, that would look like a lost connection, and nobody could say whether the method ran.
func TestNewClientRefusesFieldsThatCannotBeSent(t *testing.T) {
	tests := map[string]xmlrpc.ClientOptions{
		"a token with a line feed":     {Token: "c2VjcmV0\n"},
		"a field with a line feed":     {Header: http.Header{"X-Tenant": {"a\nb"}}},
		"a field with a NUL":           {Header: http.Header{"X-Tenant": {"a", "\x00"}}},
		"a name with a blank":          {Header: http.Header{"X Tenant": {"a"}}},
		"a name of nothing":            {Header: http.Header{"": {"a"}}},
		"a user with a colon in basic": {User: "a:b", Password: "c"},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := xmlrpc.NewClient("http://127.0.0.1/RPC2", &opts)
			if err == nil {
				t.Fatal("it is taken")
			}
			if strings.Contains(err.Error(), "c2VjcmV0") {
				t.Errorf("the error %q tells the token", err)
			}
		})
	}
	fine := xmlrpc.ClientOptions{Token: "c2VjcmV0==", Header: http.Header{"X-Tenant": {"a\tb", "ü"}}}
	if _, err := xmlrpc.NewClient("http://127.0.0.1/RPC2", &fine); err != nil {
		t.Errorf("fields that can be sent: %v", err)
	}
}
