package command

import (
	"context"
	"strings"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// askExchange calls a method of the exchange itself.
func askExchange[T any](ctx context.Context, env *Env, method string, args ...any) (T, error) {
	var none T
	conn, err := env.Connect(ctx, false)
	if err != nil {
		return none, err
	}
	ctx, cancel := env.bounded(ctx)
	defer cancel()
	return service.Call[T](ctx, conn.Endpoint(exchangeName), method, args...)
}

// checkGlob refuses what can be no pattern of names. Names that begin with _ may be looked at.
func checkGlob(command, glob string) error {
	if err := value.CheckPattern(strings.TrimPrefix(glob, "_")); err != nil {
		return usage("", "%s: %v", command, err)
	}
	return nil
}

// isGlob reports whether a text may stand for many names.
func isGlob(text string) bool { return strings.ContainsAny(text, "*?") }
