package command

import "strings"

// roff is a page in the language of man, with the macros that every formatter knows.
type roff struct{ strings.Builder }

// request writes a macro with its arguments.
func (r *roff) request(name string, args ...string) {
	r.WriteString("." + name)
	for _, arg := range args {
		r.WriteString(` "` + escapeRoff(arg) + `"`)
	}
	r.WriteByte('\n')
}

func (r *roff) section(heading string) { r.request("SH", heading) }

// text writes a paragraph.
func (r *roff) text(text string) {
	r.request("PP")
	r.line(strings.Join(strings.Fields(text), " "))
}

// entry writes a word and what it means.
func (r *roff) entry(word, meaning string) {
	r.request("TP")
	r.WriteString(`\fB` + escapeRoff(word) + `\fR` + "\n")
	if meaning != "" {
		r.line(meaning)
	}
}

// example writes lines as they are.
func (r *roff) example(lines []string) {
	r.request("PP")
	r.request("nf")
	r.request("RS", "4")
	for _, line := range lines {
		r.line(line)
	}
	r.request("RE")
	r.request("fi")
}

func (r *roff) parts(parts []part) {
	for _, p := range parts {
		switch {
		case p.text != "":
			r.text(p.text)
		case p.rows != nil:
			for _, row := range p.rows {
				r.entry(row[0], row[1])
			}
		default:
			r.example(p.lines)
		}
	}
}

// line writes a line of text, which must not look like a request.
func (r *roff) line(text string) {
	text = escapeRoff(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	if text == "" {
		text = `\&` // an empty line would end the paragraph
	}
	r.WriteString(text + "\n")
}

// escapeRoff keeps roff from making anything else of a text: hyphens stay those that are typed,
// quotes straight.
func escapeRoff(text string) string { return roffEscapes.Replace(text) }

var roffEscapes = strings.NewReplacer(
	`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", `\(ga`, `"`, `\(dq`, `^`, `\(ha`, `~`, `\(ti`, "\n", " ")
