package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
)

// connKey is the context key of the connection that a request came by.
type connKey struct{}

func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// tellTLS sets http.Request.TLS. The server does so only for a connection that is TLS itself, and
// ours is one inside of a visit: what is written about the place a request came to, such as the
// addresses on the page, would be of plain HTTP.
func tellTLS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if one, ok := r.Context().Value(connKey{}).(*visit); ok {
			if conn, ok := one.Conn.(*tls.Conn); ok {
				state := conn.ConnectionState()
				r.TLS = &state
			}
		}
		next.ServeHTTP(w, r)
	})
}
