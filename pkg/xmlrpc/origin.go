package xmlrpc

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// hostAllowed reports whether a request that came over a loopback address was
// meant for this machine. A page whose name was pointed here carries that name.
// HTTP/1.0 may have no Host at all.
func (g *Gateway) hostAllowed(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !local.IP.IsLoopback() || r.Host == "" {
		return true
	}
	name := hostname(r.Host)
	known := func(host string) bool { return strings.EqualFold(host, name) || strings.EqualFold(host, r.Host) }
	if known("localhost") || slices.ContainsFunc(g.opts.Hosts, known) {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}

// hostname cuts the port and the brackets off.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// protection is Go's own against requests that a browser makes for another site's page. It
// knows such a request by Sec-Fetch-Site, too.
func protection(origins []string) (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	for _, origin := range origins {
		if err := p.AddTrustedOrigin(origin); err != nil || strings.Contains(origin, "*") {
			return nil, fmt.Errorf("xmlrpc: origin %q: it wants the form https://example.org", origin)
		}
	}
	return p, nil
}

// originAllowed refuses scripts of web pages, but for the origins that are
// listed. Programs send no Origin.
func (g *Gateway) originAllowed(w http.ResponseWriter, r *http.Request) bool {
	if len(g.opts.Origins) > 0 {
		w.Header().Add("Vary", "Origin")
	}
	origin := r.Header.Get("Origin")
	listed := slices.Contains(g.opts.Origins, origin)
	if r.Method != http.MethodOptions && (origin != "" && !listed || g.browsers.Check(r) != nil) {
		g.refuseHTTP(w, http.StatusForbidden, "this origin may not call")
		return false
	}
	if !listed {
		return true // of OPTIONS an answer without leave is enough: the browser sends nothing more
	}
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Expose-Headers", failureHeaders)
	if r.Method == http.MethodOptions {
		header.Set("Access-Control-Allow-Methods", http.MethodPost)
		header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		header.Set("Access-Control-Max-Age", "600")
	}
	return true
}
