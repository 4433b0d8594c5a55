package httpdoor_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/httpdoor"
)

func TestAddresses(t *testing.T) {
	tests := map[string]struct {
		rules  string // + allows, - denies
		remote string
		status int
	}{
		"the first that fits":      {"-10.1.0.0/16 +10.0.0.0/8", "10.1.2.3:1", 403},
		"the second":               {"-10.1.0.0/16 +10.0.0.0/8", "10.2.2.3:1", 200},
		"turned round":             {"+10.0.0.0/8 -10.1.0.0/16", "10.1.2.3:1", 200},
		"none, where some may":     {"+10.0.0.0/8", "192.0.2.1:1", 403},
		"none, where some may not": {"-10.0.0.0/8", "192.0.2.1:1", 200},
		"a single address":         {"-192.0.2.1", "192.0.2.1:1", 403},
		"IPv6":                     {"-2001:db8::/32", "[2001:db8::1]:1", 403},
		"IPv4 inside of IPv6":      {"-10.0.0.0/8", "[::ffff:10.0.0.1]:1", 403},
		"an address with a zone":   {"-fe80::/10", "[fe80::1%eth0]:1", 403},
		"a network not at its end": {"-10.1.2.3/8", "10.9.9.9:1", 403},
		"a Unix socket":            {"+10.0.0.0/8", "@", 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := &httpdoor.Addresses{Next: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
			for text := range strings.FieldsSeq(test.rules) {
				rule, err := httpdoor.ParseRule(text[1:], text[0] == '+')
				if err != nil {
					t.Fatal(err)
				}
				a.Rules = append(a.Rules, rule)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
			r.RemoteAddr = test.remote
			w := httptest.NewRecorder()
			if a.ServeHTTP(w, r); w.Code != test.status {
				t.Errorf("status = %d, want %d", w.Code, test.status)
			}
		})
	}
	for _, text := range []string{"", "10.0.0.0/33", "example.org", "10.0.0", "::ffff:10.0.0.0/104", "fe80::1%eth0"} {
		if rule, err := httpdoor.ParseRule(text, true); err == nil {
			t.Errorf("ParseRule(%q) = %v, want an error", text, rule)
		}
	}
}
