package xmlrpc_test

import (
	"context"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// askPage asks for the page as a browser does that sends this.
func askPage(t *testing.T, g http.Handler, method, url, accept string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, url, nil)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

func TestPage(t *testing.T) {
	w := askPage(t, newGateway(t, nil), "GET", "http://127.0.0.1:8000/xmlrpc/service/", "text/html,*/*;q=0.8")
	for _, want := range []string{
		`<a href="#math">math</a>`, `<h2 id="web/shop">web/shop</h2>`,
		"<code>http://127.0.0.1:8000/xmlrpc/service/math</code>", "http://127.0.0.1:8000/RPC2",
		"<code>multiply(x int, y int) -&gt; int</code>", "Product of two integers.", "sum(x ...int) -&gt; int",
		"<dd>&lt;b&gt;</dd>", "&lt;methodName&gt;system.listMethods&lt;/methodName&gt;",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, w.Body)
		}
	}
	if strings.Contains(w.Body.String(), "system.stats") {
		t.Errorf("the page shows methods that every service has:\n%s", w.Body)
	}
	for field, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'self'", "Vary": "Accept",
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Length": strconv.Itoa(w.Body.Len()),
	} {
		if got := w.Header().Get(field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	decoder := xml.NewDecoder(strings.NewReader(w.Body.String()))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the page has tags that do not match: %v\n%s", err, w.Body)
		}
	}
}

func TestWhoGetsThePage(t *testing.T) {
	const url = "http://127.0.0.1/xmlrpc/service/"
	for name, row := range map[string]struct {
		method, url, accept string
		status              int
	}{
		"a browser":                   {"GET", url, "text/html,application/xhtml+xml,*/*;q=0.8", 200},
		"curl":                        {"GET", url, "*/*", 200},
		"who takes all text":          {"GET", url, "text/*", 200},
		"who says nothing":            {"GET", url, "", 200},
		"HEAD":                        {"HEAD", url, "text/html", 200},
		"who wants JSON":              {"GET", url, "application/json", 406},
		"who wants anything but HTML": {"GET", url, "text/html;q=0, application/json", 406},
		"a call":                      {"POST", url, "text/html", 405},
		"a service's own URL":         {"GET", url + "math", "text/html", 405},
		"an unknown service's URL":    {"GET", url + "absent", "text/html", 405},
		"the URL of all":              {"GET", "http://127.0.0.1/RPC2", "text/html", 405},
		"the style":                   {"GET", url + "?style", "text/css", 200},
		"another site's name":         {"GET", "http://evil.example.org/xmlrpc/service/", "text/html", 200},
	} {
		if got := askPage(t, newGateway(t, nil), row.method, row.url, row.accept).Code; got != row.status {
			t.Errorf("%s: status %d, want %d", name, got, row.status)
		}
	}
	style := askPage(t, newGateway(t, nil), "GET", url+"?style", "text/css")
	if got := style.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Errorf("the style is %q", got)
	}
}

func TestPageWhileTheExchangeIsAway(t *testing.T) {
	backend := newFakeBackend()
	backend.away = true
	g, err := xmlrpc.NewGateway(backend, nil)
	if err != nil {
		t.Fatal(err)
	}
	if w := askPage(t, g, "GET", "/xmlrpc/service/", ""); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, want 503 and when to come back", w.Code)
	}
}

// hostile is a service whose words are made to break out of a page, an attribute, a terminal.
type hostile struct{ *fakeBackend }

func (hostile) Services(context.Context) ([]string, error) { return []string{`"><script>`}, nil }

func (hostile) Methods(context.Context, string) ([]value.Signature, error) {
	return []value.Signature{{Name: "</pre><script>'", ReadOnly: true, Doc: "<script>alert(1)</script>\x1b[31m\u009b31m\x00\xff"}}, nil
}

func TestPageEscapesEverything(t *testing.T) {
	g, err := xmlrpc.NewGateway(hostile{newFakeBackend()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/xmlrpc/service/", nil)
	r.Host, r.TLS = "a';touch x;'\"><script>", &tls.ConnectionState{}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	page := w.Body.String()
	if strings.Contains(page, "<script") || strings.ContainsAny(page, "\x1b\x00\u009b") || strings.Contains(page, "touch") {
		t.Errorf("the page has what others wrote as it is:\n%s", page)
	}
	for _, want := range []string{"https://HOST/RPC2", `id="&#34;&gt;&lt;script&gt;"`, "&lt;script&gt;alert(1)&lt;/script&gt;\uFFFD[31m"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

// typed is a service with a method that the page gives an example of.
type typed struct{ *fakeBackend }

func (typed) Services(context.Context) ([]string, error) { return []string{"math"}, nil }

func (typed) Methods(context.Context, string) ([]value.Signature, error) {
	number := &value.Type{Kind: value.Int}
	return []value.Signature{
		{Name: "a-b", ReadOnly: true},
		{Name: "erase"},
		{Name: "multiply", ReadOnly: true, Params: []value.Param{{Name: "x", Type: number}, {Name: "y", Type: number}}},
	}, nil
}

// The lines for curl and Python are run as they stand there; the one for netsvc has a script of
// its own.
func TestPageExamplesWork(t *testing.T) {
	g, err := xmlrpc.NewGateway(typed{newFakeBackend()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(g)
	defer web.Close()
	page := askPage(t, g, "GET", web.URL+"/xmlrpc/service/", "").Body.String()
	_, rest, _ := strings.Cut(page, "<pre>")
	block, _, _ := strings.Cut(rest, "</pre>")
	lines := strings.Split(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(block), "\n")
	if len(lines) != 4 {
		t.Fatalf("the page has %d lines of examples, want 3 and an end: %q", len(lines)-1, lines)
	}
	if want := "netsvc xmlrpc " + web.URL + "/xmlrpc/service/math multiply 3 3"; lines[2] != want {
		t.Errorf("the line for netsvc is %q, want %q", lines[2], want)
	}
	for line, want := range map[string]string{lines[0]: "<int>9</int>", lines[1]: "9\n"} {
		if out, err := exec.CommandContext(t.Context(), "sh", "-c", line).Output(); err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s\nprinted %q, %v; want %q", line, out, err, want)
		}
	}
}
