package main

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/examples/services"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

var update = flag.Bool("update", false, "rewrite the table of docs/xmlrpc-clients.md")

// network starts an exchange, the services that the suite calls and a gateway, all on loopback.
func network(t *testing.T) (exchangeAddress, gatewayURL string) {
	t.Helper()
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ex.Close() })
	addr, err := ex.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := service.Connect(t.Context(), addr.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	for _, name := range []string{"math", "echo", "validator1"} {
		s, err := services.New(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Announce(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return addr.String(), gateway(t, conn)
}

func gateway(t *testing.T, conn *service.Conn) string {
	t.Helper()
	members, err := xmlrpc.NewMembers(conn, xmlrpc.Selection{Groups: []string{"web-services"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(members.Close)
	g, err := xmlrpc.NewGateway(members, nil)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(g)
	t.Cleanup(web.Close)
	return web.URL
}

// The other clients are run by scripts/interop.sh, which installs them.
func TestSuite(t *testing.T) {
	testnet.LeakCheck(t)
	ex, gateway := network(t)
	var out strings.Builder
	ways := []string{exchangeWay, gatewayWay, curlWay, curl10Way, "python"}
	if err := validate(t.Context(), &out, ex, gateway, ways); err != nil {
		t.Errorf("%v:\n%s", err, out.String())
	}
	for _, want := range []string{"CASE ", " EXCHANGE  GATEWAY  CURL  CURL-1.0  PYTHON\n", "\nmultiply  ", " 0 failed\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}

// What is not as it should be is a FAIL: a wrong outcome, a loss that is none any more, a case
// that the client left out, and a client that is missing.
func TestFailuresAreSeen(t *testing.T) {
	five, six := form{"int": "5"}, form{"int": "6"}
	s := &suite{
		Checks: []check{{Name: "right", Want: five}, {Name: "wrong", Want: five}, {Name: "lost", Want: five},
			{Name: "not lost any more", Want: five}, {Name: "left out", Want: five}},
		Losses: []loss{{Ways: []string{"http"}, Cases: []string{"lost", "not lost any more"}, Got: six, Why: "why"}},
	}
	c := &column{way: "python", outcomes: map[string]outcome{"right": outcome(five), "wrong": outcome(six),
		"lost": outcome(six), "not lost any more": outcome(five)}}
	for i, want := range []verdict{fine, failed, lossy, failed, failed} {
		if got, why := s.judge(c, &s.Checks[i]); got != want {
			t.Errorf("%s is %s (%s), want %s", s.Checks[i].Name, got, why, want)
		}
	}
	var out strings.Builder
	missing := column{way: "python", err: os.ErrNotExist}
	if s.print(&out, []column{missing}) || !strings.Contains(out.String(), "python: file does not exist") {
		t.Errorf("a missing client is not seen:\n%s", out.String())
	}
}

func TestMatches(t *testing.T) {
	number := func(n string) any { return map[string]any{"int": n} }
	list := func(elements ...any) map[string]any { return map[string]any{"list": elements} }
	for name, row := range map[string]struct {
		want, got map[string]any
		matches   bool
	}{
		"floats in other words":   {form{"float": "1e+300"}, form{"float": "1E300"}, true},
		"an integer for a float":  {form{"float": "3"}, form{"int": "3"}, false},
		"another order":           {list(number("1"), number("2")), list(number("2"), number("1")), false},
		"among others":            {form{"has": []any{number("2")}}, list(number("1"), number("2")), true},
		"not among others":        {form{"has": []any{number("3")}}, list(number("1"), number("2")), false},
		"a member too many":       {form{"map": map[string]any{}}, form{"map": map[string]any{"a": number("1")}}, false},
		"other members allowed":   {form{"map": map[string]any{"...": number("0")}}, form{"map": map[string]any{"a": number("1")}}, true},
		"a value for a fault":     {form{"fault": "-32601"}, form{"int": "-32601"}, false},
		"errors in other words":   {form{"error": "..."}, form{"error": "no such thing"}, true},
		"a fault for an error":    {form{"error": "..."}, form{"fault": "1"}, false},
		"another fault":           {form{"fault": "-32601"}, form{"fault": "-32602"}, false},
		"nil is not what is left": {form{"nil": true}, form{"bool": true}, false},
	} {
		if got := matches(row.want, row.got); got != row.matches {
			t.Errorf("%s: matches is %v, want %v", name, got, row.matches)
		}
	}
}

// A client that cannot be run, or that prints something else, is an error of its own.
func TestBrokenDrivers(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := (driver{command: "netsvc-no-such-client", file: "python.py"}).run(ctx, "", nil); err == nil {
		t.Error("a missing client is no error")
	}
	if _, err := readOutcomes([]byte("hello\n")); err == nil {
		t.Error("a line that is no JSON is no error")
	}
}

func TestPageHasTheLosses(t *testing.T) {
	const file, begin, end = "../../docs/xmlrpc-clients.md", "<!-- losses -->\n", "<!-- end of losses -->\n"
	s, err := loadSuite()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(page), begin)
	got, after, found := strings.Cut(rest, end)
	switch {
	case !found:
		t.Fatalf("%s has no place for the table", file)
	case got == s.lossTable():
	case *update:
		if err := os.WriteFile(file, []byte(before+begin+s.lossTable()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what losses.json says; run go test with -update", file)
	}
}
