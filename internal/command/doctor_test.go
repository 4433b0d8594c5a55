package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// patient is what a doctor is sent to.
type patient struct {
	flags       given
	env         map[string]string
	folder      config.Folder
	look        render.Look
	descriptors uint64
	connect     func(context.Context, bool) (*service.Conn, error) // nil dials
}

// examine runs doctor and returns what it found, by check, and its error.
func (p *patient) examine(t *testing.T) (map[string][]render.Finding, *command.Error) {
	t.Helper()
	doctor, err := command.Commands().Find("doctor")
	if err != nil {
		t.Fatal(err)
	}
	flags := given{"output": "json", "connect-timeout": testnet.Patience}
	maps.Copy(flags, p.flags)
	settings, err := doctor.Resolve(flags, environment(p.env), p.folder)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	log := slog.New(slog.DiscardHandler)
	var conn *service.Conn
	env := &command.Env{
		Flags: flags, Settings: settings, Folder: p.folder, Out: &out, Err: io.Discard, OutLook: p.look, Log: log,
		Getenv: environment(p.env), Descriptors: p.descriptors, Connect: p.connect,
	}
	if p.connect == nil {
		env.Connect = func(ctx context.Context, patient bool) (c *service.Conn, err error) {
			conn, err = command.Dial(ctx, settings, patient, log)
			return conn, err
		}
	}
	failure := command.Explain(t.Context(), doctor.Execute(t.Context(), env))
	if conn != nil {
		conn.Close()
	}
	var list []render.Finding
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatalf("%v in %s", err, out.Bytes())
	}
	found := make(map[string][]render.Finding)
	for _, f := range list {
		found[f.Check] = append(found[f.Check], f)
	}
	return found, failure
}

// expect wants one finding of a check, with a message and a hint that begin so.
func expect(t *testing.T, found map[string][]render.Finding, check, state, message, hint string) {
	t.Helper()
	if !slices.ContainsFunc(found[check], func(f render.Finding) bool {
		return f.State == state && strings.HasPrefix(f.Message, message) && strings.HasPrefix(f.Hint, hint)
	}) {
		t.Errorf("%s: got %+v, want %s %q (%s)", check, found[check], state, message, hint)
	}
}

func wantExit(t *testing.T, err *command.Error, want int) {
	t.Helper()
	got := command.ExitOK
	if err != nil {
		got = err.Exit
	}
	if got != want {
		t.Errorf("exit %d (%v), want %d", got, err, want)
	}
}

// listener accepts on loopback and lets serve have each connection, until t ends.
func listener(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // ends when the listener is closed
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func TestDoctorOfTheWay(t *testing.T) {
	testnet.LeakCheck(t)
	newer := listener(t, func(conn net.Conn) {
		preface := wire.AppendPreface(nil)
		preface[wire.PrefaceSize-1] = wire.Version + 1
		conn.Write(preface)
		conn.Close()
	})
	foreign := listener(t, func(conn net.Conn) { io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n"); conn.Close() })
	held := make(chan net.Conn, 16)
	t.Cleanup(func() { // after the listener is closed, whose cleanup is a later one
		close(held)
		for conn := range held {
			conn.Close()
		}
	})
	silent := listener(t, func(conn net.Conn) { held <- conn })
	folder := t.TempDir()
	plain := filepath.Join(folder, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, exchange string
		check, message string
		hint           string
		reached        bool // somebody listens there
	}{
		{"nobody there", "127.0.0.1:1", "connection", "127.0.0.1:1: connection refused",
			"netsvc exchange --listen 127.0.0.1:1 starts one there; is the address right? it is that of environment NETSVC_EXCHANGE", false},
		{"no socket yet", "unix:" + folder + "/none", "address", folder + "/none is not there", "netsvc exchange --listen unix:" + folder + "/none makes it", false},
		{"no socket", "unix:" + plain, "address", plain + " is no socket", "is the address right?", false},
		{"no host", "no..host:1", "address", "no..host: no such host", "is the address right?", false},
		{"another version", newer, "protocol", fmt.Sprintf("the peer speaks protocol version %d, this program version %d", wire.Version+1, wire.Version),
			"run the same version of netsvc on both sides", true},
		{"something else", foreign, "protocol", "what answers there is no exchange", "a gateway's port is not that of its exchange", true},
		{"silence", silent, "protocol", "somebody listens there, but: no exchange at " + silent + ": no answer", "is it an exchange,", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := patient{env: map[string]string{"NETSVC_EXCHANGE": tc.exchange}}
			if tc.name == "silence" {
				p.flags = given{"connect-timeout": 50 * time.Millisecond}
			}
			found, err := p.examine(t)
			expect(t, found, tc.check, "fail", tc.message, tc.hint)
			wantExit(t, err, command.ExitUnreachable)
			if tc.reached {
				expect(t, found, "connection", "ok", tc.exchange+" takes connections", "")
			}
			if found["limits"] != nil {
				t.Errorf("it was asked: %+v", found)
			}
		})
	}
}

// clinic is an exchange in memory, and connections to it.
type clinic struct {
	*exchange.Exchange
	conn *service.Conn
}

func newClinic(t *testing.T, opts *exchange.Options) *clinic {
	t.Helper()
	testnet.LeakCheck(t)
	ex, err := exchange.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ex.Close() })
	c := &clinic{Exchange: ex}
	c.conn = c.connect(t)
	return c
}

func (c *clinic) connect(t *testing.T) *service.Conn {
	t.Helper()
	conn, err := service.Connect(t.Context(), "127.0.0.1:1", &service.Options{Dial: c.Dial, Program: "tester"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func (c *clinic) patient() *patient {
	return &patient{descriptors: 1 << 20, connect: func(context.Context, bool) (*service.Conn, error) { return c.conn, nil }}
}

func TestDoctorFindsNothing(t *testing.T) {
	c := newClinic(t, &exchange.Options{Software: "netsvc " + command.Version()})
	p := c.patient()
	p.folder = config.Find("", t.TempDir())
	found, err := p.examine(t)
	wantExit(t, err, command.ExitOK)
	for check, list := range found {
		for _, f := range list {
			if f.State != "ok" || f.Hint != "" {
				t.Errorf("%s: %+v, want ok", check, f)
			}
		}
	}
	for _, check := range []string{"config", "contexts", "calls", "context", "address", "connection", "protocol", "version", "roundtrip",
		"limits", "sessions", "reports", "instances", "descriptors", "terminal"} {
		if len(found[check]) != 1 {
			t.Errorf("%s was checked %d times", check, len(found[check]))
		}
	}
}

func TestDoctorOfAnotherVersion(t *testing.T) {
	c := newClinic(t, &exchange.Options{Software: "netsvc v0.0.1"})
	found, err := c.patient().examine(t)
	expect(t, found, "version", "warn", "the exchange is netsvc v0.0.1, this is netsvc "+command.Version(), "update the older one")
	wantExit(t, err, command.ExitOK)
}

func TestDoctorOfLimits(t *testing.T) {
	c := newClinic(t, &exchange.Options{Limits: exchange.Limits{Sessions: 2, Pending: 5, Instances: 5}})
	host := c.connect(t)
	block, running := make(chan struct{}), make(chan struct{})
	slow := service.New("slow", nil)
	slow.Export("wait", func() { running <- struct{}{}; <-block }, nil)
	for i := range 4 {
		other := slow
		if i > 0 {
			other = service.New(fmt.Sprintf("other%d", i), nil)
		}
		if err := host.Announce(t.Context(), other); err != nil {
			t.Fatal(err)
		}
	}
	answers := make(chan error)
	const calls = 4
	for range calls {
		go func() { _, err := host.Endpoint("slow").Call(context.Background(), "wait"); answers <- err }()
		testnet.Receive(t, "a handler to run", running)
	}
	found, err := c.patient().examine(t)
	expect(t, found, "limits", "warn", "2 of 2 sessions are taken", "netsvc exchange --sessions N")
	expect(t, found, "limits", "warn", "tester (pid ", "netsvc exchange --pending N")
	expect(t, found, "limits", "warn", "tester (pid ", "netsvc exchange --instances N")
	wantExit(t, err, command.ExitOK)
	close(block)
	for range calls {
		if err := testnet.Receive(t, "an answer", answers); err != nil {
			t.Error(err)
		}
	}
}

// deafConn is a connection whose reader stops between deaf and hears, which are closed then.
type deafConn struct {
	net.Conn
	deaf, hears chan struct{}
}

func (c *deafConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	select {
	case <-c.deaf:
		<-c.hears
	default:
	}
	return n, err
}

func TestDoctorOfLostReports(t *testing.T) {
	c := newClinic(t, &exchange.Options{Limits: exchange.Limits{ReportBytes: 64 << 10, ReportsBytes: 64 << 10}})
	deaf, hears := make(chan struct{}), make(chan struct{})
	reader, err := service.Connect(t.Context(), "127.0.0.1:1", &service.Options{Program: "tester", Dial: func(ctx context.Context) (net.Conn, error) {
		conn, err := c.Dial(ctx)
		return &deafConn{conn, deaf, hears}, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { close(hears); reader.Close() })
	if _, err := reader.Subscribe(service.SubscribeOptions{Service: "news"}); err != nil {
		t.Fatal(err)
	}
	testnet.WaitFor(t, "the subscription", func() bool { return c.Stats().Subscriptions == 1 })
	close(deaf)
	news := service.New("news", nil)
	if err := c.connect(t).Announce(t.Context(), news); err != nil {
		t.Fatal(err)
	}
	testnet.WaitFor(t, "a report to be lost", func() bool {
		return news.Publish(t.Context(), "flood", strings.Repeat("x", 16<<10)) == nil && c.Stats().ReportsLost > 0
	})
	found, failure := c.patient().examine(t)
	expect(t, found, "reports", "warn", "tester (pid ", "it subscribes to more than it reads")
	wantExit(t, failure, command.ExitOK)
}

func TestDoctorOfAnExchangeThatIsFull(t *testing.T) {
	c := newClinic(t, &exchange.Options{Limits: exchange.Limits{Sessions: 1}})
	p := c.patient()
	p.connect = func(ctx context.Context, _ bool) (*service.Conn, error) {
		return service.Connect(ctx, "127.0.0.1:1", &service.Options{Dial: c.Dial, Once: true})
	}
	found, err := p.examine(t)
	expect(t, found, "protocol", "fail", "the exchange takes no connection: ", "")
	wantExit(t, err, command.ExitUnreachable)
}

func TestDoctorOfAGateway(t *testing.T) {
	c := newClinic(t, nil)
	status := http.StatusMethodNotAllowed
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(web.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, tc := range []struct {
		name, url, state, message, hint string
		status, exit                    int
	}{
		{"it answers", web.URL, "ok", web.URL + " answers", "", http.StatusMethodNotAllowed, command.ExitOK},
		{"it has no exchange", web.URL, "warn", web.URL + " answers HTTP 503", "can the gateway reach", http.StatusServiceUnavailable, command.ExitOK},
		{"another mount", web.URL, "warn", web.URL + " answers HTTP 404", "netsvc gateway --mount", http.StatusNotFound, command.ExitOK},
		{"nobody there", gone.URL, "fail", gone.URL + ": connection refused", "netsvc gateway starts one", 0, command.ExitInternal},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status = tc.status
			p := c.patient()
			p.flags = given{"gateway": tc.url}
			found, err := p.examine(t)
			expect(t, found, "gateway", tc.state, tc.message, tc.hint)
			wantExit(t, err, tc.exit)
		})
	}
}

func TestDoctorOfFiles(t *testing.T) {
	c := newClinic(t, nil)
	home := t.TempDir()
	folder := config.Find("", home)
	if err := errors.Join(os.Mkdir(folder.Path(), 0o700), os.Chmod(folder.Path(), 0o777),
		os.WriteFile(folder.Config(), []byte("timout = '1s'"), 0o600), os.WriteFile(folder.Contexts(), nil, 0o600),
		os.Chmod(folder.Contexts(), 0o622), os.Mkdir(folder.Calls(), 0o700)); err != nil {
		t.Fatal(err)
	}
	p := c.patient()
	p.folder = folder
	p.env = map[string]string{"NETSVC_TIMEOUT": "soon", "NETSVC_CONTEXT": "lab"}
	found, err := p.examine(t)
	expect(t, found, "config", "fail", folder.Config()+":1: unknown key timout", "did you mean timeout?")
	expect(t, found, "contexts", "warn", "others may change "+folder.Contexts(), "chmod 600 "+folder.Contexts())
	expect(t, found, "calls", "fail", folder.Calls()+": is a directory", "")
	expect(t, found, "folder", "warn", "others may put files into "+folder.Path(), "chmod go-w "+folder.Path())
	expect(t, found, "environment", "fail", `NETSVC_TIMEOUT wants a duration such as 10s, not "soon"`, "")
	wantExit(t, err, command.ExitInternal)
	if want := "failed: config, calls, environment"; err.Message != want {
		t.Errorf("message %q, want %q", err.Message, want)
	}

	p.env = map[string]string{"NETSVC_CONTEXT": "loca", "NETSVC_CONFIG": folder.Config()}
	if err := os.Remove(folder.Config()); err != nil {
		t.Fatal(err)
	}
	found, _ = p.examine(t)
	expect(t, found, "environment", "fail", "NETSVC_CONTEXT: no such context: loca", "did you mean local?")
	expect(t, found, "config", "warn", "NETSVC_CONFIG names "+folder.Config()+", which is not there", "is the path right?")
}

func TestDoctorOfTheProcess(t *testing.T) {
	c := newClinic(t, nil)
	terminal := render.Look{Terminal: true}
	for _, tc := range []struct {
		name                        string
		look                        render.Look
		env                         map[string]string
		descriptors                 uint64
		check, state, message, hint string
		exit                        int
	}{
		{"hardly any descriptors", render.Look{}, nil, 20, "descriptors", "fail", "a process may have 20 files", "ulimit -n 1024", command.ExitInternal},
		{"few descriptors", render.Look{}, nil, 1024, "descriptors", "warn", "an exchange started here could have 1024 connections", "ulimit -n 16384", 0},
		{"many descriptors", render.Look{}, nil, 20_000, "descriptors", "ok", "a process may have 20000 files", "", 0},
		{"no terminal", render.Look{}, nil, 20_000, "terminal", "ok", "stdout is none", "", 0},
		{"a terminal of no name", terminal, nil, 20_000, "terminal", "warn", "TERM is not set", "such as TERM=", 0},
		{"a terminal", terminal, map[string]string{"TERM": "xterm"}, 20_000, "terminal", "ok", "xterm", "", 0},
		{"no locale", terminal, nil, 20_000, "locale", "warn", `LANG="" is not UTF-8`, "such as LANG=C.UTF-8", 0},
		{"a locale of old", terminal, map[string]string{"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, 20_000, "locale", "warn", `LC_ALL="C" is not UTF-8`, "", 0},
		{"a locale", terminal, map[string]string{"LANG": "de_DE.utf8"}, 20_000, "locale", "ok", "LANG=de_DE.utf8", "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := c.patient()
			p.look, p.env, p.descriptors = tc.look, tc.env, tc.descriptors
			found, err := p.examine(t)
			expect(t, found, tc.check, tc.state, tc.message, tc.hint)
			wantExit(t, err, tc.exit)
		})
	}
}
