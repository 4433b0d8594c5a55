package exchange

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Whoever looks for what happened finds sessions and instances as they come and go, one
// record each, whatever the process calls itself.
func TestLog_TellsWhoComesAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := newExchange(t, &Options{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		p := connect(t, e, "a\nlevel=ERROR")
		p.announce(&wire.Announce{Name: "math"})
		p.announce(&wire.Announce{Handle: 1, Name: "echo"})
		p.ask(&wire.Withdraw{})
		p.expect(wire.KindDone)
		p.raw(wire.AppendMessage(nil, 0, 0, &wire.Bye{}))
		p.ends()
		e.Close()
		want := []string{
			`msg="session began" session=1 program=exchange`,
			`msg="instance announced" instance=_exchange@2 session=1`,
			`msg="session began" session=3 program="a\nlevel=ERROR" pid=7 from=memory`,
			`msg="instance announced" instance=math@4 session=3`,
			`msg="instance announced" instance=echo@5 session=3`,
			`msg="instance withdrawn" instance=math@4 session=3`,
			`msg="session ended" session=3`,
			`msg="instance withdrawn" instance=echo@5 session=3`,
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		for i, line := range want {
			if i >= len(lines) || !strings.Contains(lines[i], "level=DEBUG "+line) {
				t.Fatalf("record %d of\n%s\nis not %s", i, log.String(), line)
			}
		}
	})
}
