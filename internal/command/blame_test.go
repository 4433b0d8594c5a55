package command_test

import (
	"context"
	"strings"
	"syscall"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestFailureOfAForwardedCallIsItsOwn: what was typed is there, so its name and its usage are
// not what is wrong.
func TestFailureOfAForwardedCallIsItsOwn(t *testing.T) {
	p := newPlace(t)
	p.math.Export("fwd", func(ctx context.Context, to, method string, x any) error {
		return service.Forward(ctx, p.host.Endpoint(to), method, x)
	}, &service.MethodOptions{Params: []string{"to", "method", "x"}})
	for _, tc := range []struct {
		name, words string
		exit        int
		want        string
	}{
		{"to a service that is missing", "call math.fwd nobody y :=null", command.ExitNotFound, `no service "nobody" is announced`},
		{"to a method that is missing", "call math.fwd math multipy :=null", command.ExitNotFound, `multipy`},
		{"with an argument that does not fit", "call math.fwd math upper :=3", command.ExitArguments, "expected text, got int"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := p.run(t, render.Look{}, nil, strings.Fields(tc.words)...)
			e := command.Explain(t.Context(), err)
			if e == nil || e.Exit != tc.exit || e.Hint != "" || !strings.Contains(e.Message, tc.want) {
				t.Errorf("got %+v\nwant exit %d, no hint and %q", e, tc.exit, tc.want)
			}
		})
	}
}

// TestInterruptIsNoTroubleOfConnecting: it has the number of canceled, and no hint about the
// exchange that did not answer until then.
func TestInterruptIsNoTroubleOfConnecting(t *testing.T) {
	ctx, end := context.WithCancelCause(context.Background())
	end(&command.Interrupted{Signal: syscall.SIGINT})
	e := command.Explain(ctx, &command.Error{
		Code: "unreachable", Exit: command.ExitUnreachable, Message: "no exchange at 127.0.0.1:1: no answer", Hint: "is the address right?",
		Detailed: "more", Failure: wire.Failf(wire.CodeUnreachable, wire.No, "no exchange at 127.0.0.1:1: no answer"), Unasked: true,
	})
	want := `{"error":{"code":"canceled","number":48,"exit":130,"message":"interrupted","service":null,"method":null,"instance":null,` +
		`"delivered":"no","origin":"netsvc","details":"","hint":"","retryable":true}}`
	if got := string(e.JSON()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestServiceBeforeTheMethodOfAGroup: SERVICE.METHOD copied from a plain call is told apart
// from a method that some members lack.
func TestServiceBeforeTheMethodOfAGroup(t *testing.T) {
	p := newPlace(t)
	dotted := service.New("dotted", &service.ServiceOptions{Groups: []string{"lab"}})
	dotted.Export("old.names", func() int { return 1 }, nil)
	dotted.Export("math.names", func() int { return 1 }, nil)
	if err := p.host.Announce(t.Context(), dotted); err != nil {
		t.Fatal(err)
	}
	if err := p.math.Join("lab"); err != nil {
		t.Fatal(err)
	}
	testnet.WaitFor(t, "both in the group", func() bool {
		d, err := p.conn.Directory(service.WatchOptions{Group: "lab"})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		return d.Synced(t.Context()) == nil && len(d.Group("lab")) == 2
	})
	const hint = "with --group the target is METHOD alone"
	for _, tc := range []struct{ name, method, want string }{
		{"that nobody knows", "math.upper", hint},
		{"of a service that is there", "math.names", hint},
		{"a dot in a name that one knows", "old.names", ""},
		{"no dot at all", "nothing", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := p.run(t, render.Look{}, given{"group": "lab"}, "call", tc.method)
			e := command.Explain(t.Context(), err)
			if e == nil || e.Exit != command.ExitPartial || e.Hint != tc.want {
				t.Errorf("got %+v, want partial with the hint %q", e, tc.want)
			}
		})
	}
}
