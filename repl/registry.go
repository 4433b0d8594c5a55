package repl

import (
	"context"
	"sync"

	"github.com/netsvc/netsvc/internal/catalog"
	"github.com/netsvc/netsvc/internal/completion"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// registry is what a session knows of the services of its exchange. While that is away it is what was
// known last.
type registry struct {
	mu      sync.Mutex
	conn    *service.Conn    // nil before there is one
	catalog *catalog.Catalog // of conn
}

// follow lets it be that of another connection, which must stay open until the next one or close.
func (r *registry) follow(conn *service.Conn) {
	opened, err := catalog.Open(conn, catalog.Options{})
	if err != nil {
		conn, opened = nil, nil // the connection has ended already
	}
	r.put(conn, opened)
}

func (r *registry) close() { r.put(nil, nil) }

func (r *registry) put(conn *service.Conn, opened *catalog.Catalog) {
	r.mu.Lock()
	former := r.catalog
	r.conn, r.catalog = conn, opened
	r.mu.Unlock()
	if former != nil {
		former.Close()
	}
}

func (r *registry) now() (*service.Conn, *catalog.Catalog) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.conn, r.catalog
}

// Instances implements completion.Registry. It waits for nothing but the first state of the registry.
func (r *registry) Instances(ctx context.Context, pattern string) []service.Info {
	conn, known := r.now()
	if known == nil {
		return nil
	}
	if conn.Connected() && known.Synced(ctx) != nil {
		return nil
	}
	return known.Instances(ctx, pattern)
}

// Methods implements completion.Registry. Those of a service that has come just now are asked for, which
// is no call.
func (r *registry) Methods(ctx context.Context, target string) []value.Signature {
	conn, known := r.now()
	if known == nil {
		return nil
	}
	if list := known.Methods(ctx, target); list != nil || !conn.Connected() {
		return list
	}
	live := completion.Live{Connect: func(context.Context) (*service.Conn, error) { return conn, nil }}
	return live.Methods(ctx, target)
}
