// Package httpdoor is what stands between the network and a handler of HTTP that others may
// reach: it sees that requests are framed in one way only, that addresses are let in, that
// people say who they are, and that somebody writes down who came.
//
// Each part is an http.Handler around another one, or works on the bytes of a connection, and
// knows nothing of what is served.
package httpdoor
