package completion

import (
	"context"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// Registry is what can be known of services without calling any. What cannot be known before
// ctx ends is nil.
type Registry interface {
	// Instances lists those announced under a name that matches a pattern, oldest first.
	Instances(ctx context.Context, pattern string) []service.Info
	// Methods lists those of a name or an address, sorted by name.
	Methods(ctx context.Context, target string) []value.Signature
}

// Live is the registry of an exchange. It sends frames that watch and describe, and no requests.
// It is for one goroutine at a time.
type Live struct {
	// Connect returns the connection. It is called once, when something is asked first.
	Connect func(ctx context.Context) (*service.Conn, error)

	conn  *service.Conn
	asked bool
}

// Instances implements Registry.
func (l *Live) Instances(ctx context.Context, pattern string) []service.Info {
	conn := l.connection(ctx)
	if conn == nil {
		return nil
	}
	copied, err := conn.Directory(service.WatchOptions{Glob: pattern})
	if err != nil {
		return nil
	}
	defer copied.Close()
	if copied.Current(ctx) != nil {
		return nil
	}
	return copied.All()
}

// Methods implements Registry.
func (l *Live) Methods(ctx context.Context, target string) []value.Signature {
	conn := l.connection(ctx)
	if conn == nil {
		return nil
	}
	d, err := conn.Describe(ctx, target)
	if err != nil {
		return nil
	}
	return d.Methods
}

// connection is nil when there is none, and then it stays away.
func (l *Live) connection(ctx context.Context) *service.Conn {
	if !l.asked {
		l.asked = true
		if conn, err := l.Connect(ctx); err == nil {
			l.conn = conn
		}
	}
	return l.conn
}
