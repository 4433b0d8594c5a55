package xmlrpc

import "strings"

// page is HTML that grows. All that is not written here goes through text. It is not
// html/template, which costs a program that needs no other page 220 kB.
type page struct{ html []byte }

// raw appends HTML that stands in the source.
func (p *page) raw(html string) { p.html = append(p.html, html...) }

// text appends what others have named or written, as content or as the value of an attribute in
// quotes. Control characters would be commands to a terminal, where this page is read, too.
func (p *page) text(s string) {
	for _, c := range strings.ToValidUTF8(s, "\uFFFD") {
		p.html = append(p.html, escapeHTML(c)...)
	}
}

// element appends text between two tags.
func (p *page) element(tag, text string) {
	p.raw("<" + tag + ">")
	p.text(text)
	p.raw("</" + tag + ">")
}

func escapeHTML(c rune) string {
	switch c {
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '&':
		return "&amp;"
	case '"':
		return "&#34;"
	case '\'':
		return "&#39;"
	case '\n', '\t':
		return string(c)
	}
	if c < ' ' || 0x7F <= c && c < 0xA0 {
		return "\uFFFD"
	}
	return string(c)
}
