package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// word is one that the project does not use for a thing, and what it says instead.
type word struct {
	not, say string
	// prose is true for words that no package comment needs either. The others are
	// plain English or Go there: a client, a channel, a reply.
	prose bool
}

// words is the glossary's column of words not to use. Four of that column are missing
// because netsvc itself uses them for something else: an id is a request's number, a
// registry has events, a service publishes reports, and an exchange listens.
var words = []word{
	{"server", "exchange, service or gateway", true},
	{"hub", "exchange", true},
	{"bus", "exchange", true},
	{"broker", "exchange", true},
	{"client", "connection or session", false},
	{"channel", "connection, subject or stream", false},
	{"agent", "service or instance", true},
	{"node", "instance", true},
	{"tag", "group", false},
	{"namespace", "group", true},
	{"procedure", "method", true},
	{"proxy", "endpoint", true},
	{"stub", "endpoint", true},
	{"reply", "response or outcome", false},
	{"exception", "failure", true},
	{"topic", "subject", true},
	{"notification", "registry event or report", true},
	{"monitor", "watch", false},
	{"packet", "frame", true},
	{"bridge", "gateway", true},
	{"buffer", "outbox or limit", false},
}

// licence lets one package use a word for what the world outside calls so.
type licence struct{ dir, word, reason string }

var licences = []licence{
	{"pkg/value", "tag", "CBOR's word for a marked item (RFC 8949, section 3.4)"},
	{"pkg/xmlrpc", "client", "this package's caller speaks HTTP and has no session"},
	{"pkg/xmlrpc", "server", "HTTP's word for the other end, which need not be ours"},
	{"pkg/xmlrpc", "procedure", "the P in XML-RPC"},
	{"pkg/xmlrpc", "namespace", "XML's word for whom an element's name belongs to"},
	{"internal/testnet", "proxy", "it stands between two sockets and is no endpoint"},
	{"examples", "client", "the seed's name for a program that only calls"},
}

func checkWords(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		if f.test {
			continue
		}
		for _, id := range exported(f) {
			for _, w := range split(id.Name) {
				if banned, ok := f.banned(w); ok {
					found = append(found, t.breach(id, "%s: say %s, not %s", id.Name, banned.say, w))
				}
			}
		}
		found = append(found, t.wordsInComment(f)...)
	}
	return found
}

// banned finds the row of w, in singular or plural, unless f has a licence for it.
func (f *goFile) banned(w string) (word, bool) {
	i := slices.IndexFunc(words, func(row word) bool {
		return w == row.not || w == row.not+"s" || w == row.not+"es" || w == strings.TrimSuffix(row.not, "y")+"ies"
	})
	if i < 0 {
		return word{}, false
	}
	licensed := slices.ContainsFunc(licences, func(l licence) bool {
		return f.in(l.dir) && l.word == words[i].not
	})
	return words[i], !licensed
}

// spoken matches a word with all that Go glues to it, so that http.Server is one match.
var spoken = regexp.MustCompile(`[\w.\[\]/-]+`)

// wordsInComment looks at the package comment of f without its indented code.
func (t *tree) wordsInComment(f *goFile) []breach {
	var found []breach
	for line := range strings.Lines(f.syntax.Doc.Text()) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		for _, w := range spoken.FindAllString(line, -1) {
			w = strings.ToLower(strings.TrimRight(w, ".-"))
			if banned, ok := f.banned(w); ok && banned.prose {
				found = append(found, t.breach(f.syntax.Doc, "package comment: say %s, not %s", banned.say, w))
			}
		}
	}
	return found
}

// exported lists the names of f that its users can write.
func exported(f *goFile) []*ast.Ident {
	if f.syntax.Name.Name == "main" {
		return nil
	}
	var ids []*ast.Ident
	for _, decl := range f.syntax.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || receiverExported(d.Recv) {
				ids = append(ids, d.Name)
			}
		case *ast.GenDecl:
			ids = append(ids, declared(d)...)
		}
	}
	return slices.DeleteFunc(ids, func(id *ast.Ident) bool { return !id.IsExported() })
}

// declared lists the names of a declaration and those inside its exported types.
func declared(d *ast.GenDecl) []*ast.Ident {
	if d.Tok == token.IMPORT {
		return nil
	}
	var ids []*ast.Ident
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.ValueSpec:
			ids = append(ids, s.Names...)
		case *ast.TypeSpec:
			if s.Name.IsExported() {
				ids = append(ids, s.Name)
				ids = append(ids, fields(s.Type)...)
			}
		}
	}
	return ids
}

// fields lists the names of the fields and methods in a type.
func fields(typ ast.Expr) []*ast.Ident {
	var ids []*ast.Ident
	ast.Inspect(typ, func(n ast.Node) bool {
		if _, isFunc := n.(*ast.FuncType); isFunc {
			return false
		}
		if field, ok := n.(*ast.Field); ok {
			ids = append(ids, field.Names...)
		}
		return true
	})
	return ids
}

func receiverExported(recv *ast.FieldList) bool {
	public := false
	ast.Inspect(recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.IsExported() {
			public = true
		}
		return true
	})
	return public
}

// split cuts a Go name into its words in small letters: HTTPServerID is http, server, id.
func split(name string) []string {
	var parts []string
	runes := []rune(name)
	start := 0
	for i := 1; i < len(runes); i++ {
		upper := unicode.IsUpper(runes[i])
		afterSmall := upper && !unicode.IsUpper(runes[i-1])
		beforeSmall := upper && i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if afterSmall || beforeSmall {
			parts = append(parts, strings.ToLower(string(runes[start:i])))
			start = i
		}
	}
	return append(parts, strings.ToLower(string(runes[start:])))
}
