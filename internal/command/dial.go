package command

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Dial connects to the exchange of the settings. A patient connection is returned at once and
// keeps trying. Else the exchange must answer before the connect timeout and the timeout of the
// command are over, and a refused connection is an error at once: always unreachable, never a
// timeout.
func Dial(ctx context.Context, s Settings, patient bool, log *slog.Logger) (*service.Conn, error) {
	opts := &service.Options{Background: patient, Once: !patient, Program: "netsvc", Logger: log}
	if patient {
		return service.Connect(ctx, s.Exchange, opts)
	}
	within, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	conn, err := service.Connect(within, s.Exchange, opts)
	if err != nil {
		return nil, unreachable(s, err)
	}
	return conn, nil
}

// Await waits for the link of a patient connection, as long and with the same failure as Dial.
func Await(ctx context.Context, conn *service.Conn, s Settings) error {
	within, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	if err := conn.Ready(within); err != nil {
		return unreachable(s, err)
	}
	return nil
}

// patience is how long a command waits for the link at most.
func (s *Settings) patience() time.Duration {
	if s.Timeout > 0 {
		return min(s.ConnectTimeout, s.Timeout)
	}
	return s.ConnectTimeout
}

// unreachable says which exchange could not be reached. A refusal of the exchange itself, such
// as denied, stays what it is.
func unreachable(s Settings, err error) error {
	var f *wire.Failure
	if errors.As(err, &f) && f.Code != wire.CodeUnreachable {
		return err
	}
	text := trouble(s.Exchange, err)
	e := explain(wire.Failf(wire.CodeUnreachable, wire.No, "no exchange at %s: %s", s.Exchange, text))
	if slices.Contains(nobodyThere, text) {
		e.Hint = "netsvc exchange starts one"
	}
	if e.Hint != "" && s.ExplicitPlace {
		e.Hint = "is the address right?" + s.kept("exchange")
	}
	e.cause, e.Unasked = err, true
	return e
}

// noAnswer is the trouble when there is no other.
const noAnswer = "no answer"

// nobodyThere are the troubles of an address where no exchange is.
var nobodyThere = []string{noAnswer, "connection refused", "no such file or directory", "no such host"}

// trouble is the last word of an error about connecting: what the system says, without how we
// came to ask it.
func trouble(exchange string, err error) string {
	text := err.Error()
	if strings.HasSuffix(text, exchange) {
		return noAnswer
	}
	if i := strings.LastIndex(text, ": "); i >= 0 {
		return text[i+2:]
	}
	return text
}
