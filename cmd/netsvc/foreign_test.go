package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// foreign starts an HTTP server that is none of ours and sets a variable to its address: POST /N
// is answered with the status N, /silent with nothing at all, and any other path by the file of
// that name.
func foreign(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: foreign VAR")
	}
	files := map[string]string{}
	for _, name := range []string{"answer.xml", "fault.xml", "broken.xml", "page.html"} {
		files[name] = ts.ReadFile(name)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answerForeign(w, r, files)
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}

func answerForeign(w http.ResponseWriter, r *http.Request, files map[string]string) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "silent" {
		<-r.Context().Done()
		return
	}
	if status, err := strconv.Atoi(name); err == nil {
		w.Header().Set("Location", "https://example.org/")
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "text/"+name[strings.LastIndexByte(name, '.')+1:])
	_, _ = io.WriteString(w, files[name])
}
