package xmlrpc

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

// page is what a person sees who opens the mount in a browser.
var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>XML-RPC services</title></head><body>
<h1>XML-RPC services</h1>
{{range .}}<h2>{{.Name}}</h2>
<p>POST {{.Path}}</p>
<ul>{{range .Methods}}<li><b>{{.Name}}</b>{{with .Doc}}: {{.}}{{end}}</li>{{else}}<li>no methods known</li>{{end}}</ul>
{{else}}<p>No service is here now.</p>
{{end}}<p>Try: curl -H 'Content-Type: text/xml' -d '&lt;methodCall&gt;&lt;methodName&gt;system.listMethods&lt;/methodName&gt;&lt;/methodCall&gt;' URL</p>
</body></html>
`))

// pageService is one service on the page.
type pageService struct {
	Name, Path string
	Methods    []pageMethod
}

type pageMethod struct{ Name, Doc string }

// servePage shows the services to a browser. Programs have no business here.
func (g *Gateway) servePage(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		g.refuseHTTP(w, http.StatusMethodNotAllowed, "services are called at "+g.opts.Mount+"/NAME")
		return
	}
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		g.refuseHTTP(w, http.StatusNotAcceptable, "this page is text/html")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), g.opts.Timeout)
	defer cancel()
	names, err := g.backend.Services(ctx)
	if err != nil {
		g.away(w, errAway())
		return
	}
	var html bytes.Buffer
	if err := page.Execute(&html, g.pageServices(ctx, names)); err != nil {
		g.refuseHTTP(w, http.StatusInternalServerError, g.internal(err).fault.String)
		return
	}
	header := g.header(w, "text/html; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(html.Len()))
	header.Set("Content-Security-Policy", "default-src 'self'")
	_, _ = w.Write(html.Bytes()) // a browser that is gone misses it
}

func (g *Gateway) pageServices(ctx context.Context, names []string) []pageService {
	services := make([]pageService, len(names))
	for i, name := range names {
		services[i] = pageService{Name: name, Path: g.opts.Mount + "/" + name}
		signatures, err := g.backend.Methods(ctx, name)
		if err != nil {
			continue // it left meanwhile; the page says that its methods are not known
		}
		for _, s := range signatures {
			if !isSystem(s.Name) {
				services[i].Methods = append(services[i].Methods, pageMethod{s.Name, s.Doc})
			}
		}
	}
	return services
}
