package xmlrpc

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
)

// pageStyle is all the looks of the page. It comes from a URL of its own, because the page's
// policy allows nothing inside of it.
const pageStyle = `body { font: 1rem/1.5 sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem }
pre { overflow-x: auto; padding: .5rem; border: 1px solid gray }
code { overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #111 } a { color: #8cf } }
`

// styleQuery is the query for the style, at the URL of the page.
const styleQuery = "style"

// servePage shows the services to a person with a browser, or with curl. Programs have no
// business here.
func (g *Gateway) servePage(w http.ResponseWriter, r *http.Request, mount string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		g.refuseHTTP(w, http.StatusMethodNotAllowed, "services are called at "+mount+"/NAME")
		return
	}
	if r.URL.RawQuery == styleQuery {
		g.writePage(w, "text/css; charset=utf-8", []byte(pageStyle))
		return
	}
	if !takesHTML(r.Header.Values("Accept")) {
		g.refuseHTTP(w, http.StatusNotAcceptable, "this page is text/html")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), g.opts.Timeout)
	defer cancel()
	services, err := g.pageServices(ctx)
	if err != nil {
		g.away(w, errAway())
		return
	}
	g.writePage(w, "text/html; charset=utf-8", appendPage(nil, origin(r), mount, services))
}

func (g *Gateway) writePage(w http.ResponseWriter, contentType string, content []byte) {
	header := g.header(w, contentType)
	header.Set("Content-Length", strconv.Itoa(len(content)))
	header.Set("Content-Security-Policy", "default-src 'self'")
	header.Set("Vary", "Accept")
	_, _ = w.Write(content) // a browser that is gone misses it, and one that asks by HEAD, too
}

// takesHTML reports whether one of the media types a client takes is that of the page. Who says
// nothing takes everything.
func takesHTML(accepted []string) bool {
	all := strings.Join(accepted, ",")
	if strings.TrimSpace(all) == "" {
		return true
	}
	for part := range strings.SplitSeq(all, ",") {
		kind, weight, _ := strings.Cut(part, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
		if (kind == "text/html" || kind == "text/*" || kind == "*/*") && !isRefused(weight) {
			return true
		}
	}
	return false
}

// isRefused reports whether the parameters of a media type have a weight of 0.
func isRefused(parameters string) bool {
	for parameter := range strings.SplitSeq(parameters, ";") {
		if q, is := strings.CutPrefix(strings.TrimSpace(parameter), "q="); is {
			n, err := strconv.ParseFloat(q, 64)
			return err == nil && n == 0
		}
	}
	return false
}

// pageService is one service on the page.
type pageService struct {
	name    string
	methods []value.Signature // sorted, without those that every service has
	known   bool
}

func (g *Gateway) pageServices(ctx context.Context) ([]pageService, error) {
	names, err := g.backend.Services(ctx)
	if err != nil {
		return nil, err
	}
	services := make([]pageService, len(names))
	for i, name := range names {
		signatures, err := g.backend.Methods(ctx, name)
		services[i] = pageService{name: name, known: err == nil} // it may have left meanwhile
		for _, s := range signatures {
			if !isSystem(s.Name) {
				services[i].methods = append(services[i].methods, s)
			}
		}
		slices.SortFunc(services[i].methods, func(a, b value.Signature) int { return cmp.Compare(a.Name, b.Name) })
	}
	return services, nil
}

// origin is the scheme and the host by which a person came here. A Host that is more than a name
// and a port is none of ours to repeat.
func origin(r *http.Request) string {
	scheme, host := "http://", r.Host
	if r.TLS != nil {
		scheme = "https://"
	}
	odd := func(c rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]", c)
	}
	if host == "" || strings.ContainsFunc(host, odd) {
		host = "HOST"
	}
	return scheme + host
}

// appendPage writes the page.
func appendPage(dst []byte, origin, mount string, services []pageService) []byte {
	p := page{dst}
	p.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>XML-RPC services</title>" +
		"<link rel=\"stylesheet\" href=\"?" + styleQuery + "\"></head><body>\n<h1>XML-RPC services</h1>\n<p>Each has a URL of its own. All share ")
	p.element("code", origin+rpc2)
	p.raw(", where its name and a dot stand before that of the method.</p>\n")
	if len(services) == 0 {
		p.raw("<p>No service is here now.</p>\n")
	} else {
		p.contents(services)
	}
	for i := range services {
		p.service(&services[i], origin+mount+"/"+services[i].name)
	}
	p.raw("</body></html>\n")
	return p.html
}

// contents links to each service.
func (p *page) contents(services []pageService) {
	p.raw("<ul>\n")
	for i := range services {
		p.raw("<li><a href=\"#")
		p.text(services[i].name)
		p.raw("\">")
		p.text(services[i].name)
		p.raw("</a></li>\n")
	}
	p.raw("</ul>\n")
}

func (p *page) service(s *pageService, url string) {
	p.raw("<h2 id=\"")
	p.text(s.name)
	p.raw("\">")
	p.text(s.name)
	p.raw("</h2>\n<p>")
	p.element("code", url)
	p.raw("</p>\n")
	if !s.known || len(s.methods) == 0 {
		p.raw("<p>No methods are known.</p>\n")
	} else {
		p.methods(s.methods)
	}
	p.raw("<pre>")
	for _, line := range exampleOf(s.methods).lines(url) {
		p.text(line)
		p.raw("\n")
	}
	p.raw("</pre>\n")
}

func (p *page) methods(methods []value.Signature) {
	p.raw("<dl>\n")
	for i := range methods {
		p.raw("<dt>")
		p.element("code", signatureText(&methods[i]))
		p.raw("</dt>\n")
		if methods[i].Doc != "" {
			p.element("dd", methods[i].Doc)
			p.raw("\n")
		}
	}
	p.raw("</dl>\n")
}

// signatureText is a signature for people, like multiply(x int, y int) -> int.
func signatureText(s *value.Signature) string {
	params := make([]string, len(s.Params))
	for i, p := range s.Params {
		params[i] = p.Name + " " + p.Type.String()
		if s.Variadic && i == len(s.Params)-1 {
			params[i] = p.Name + " ..." + p.Type.String()
		}
	}
	text := s.Name + "(" + strings.Join(params, ", ") + ") -> " + s.Result.String()
	if s.Deprecated {
		text += " deprecated"
	}
	return text
}
