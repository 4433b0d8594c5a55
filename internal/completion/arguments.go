package completion

import (
	"slices"
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
)

// Arguments offers what may stand at the cursor as an argument of a method: values where the type
// has only some, names of the parameters that are not given yet, files. sig may be nil; then only
// files are known. before and after are the other arguments, on both sides of the cursor.
func Arguments(sig *value.Signature, before, after []string, c *Candidates) {
	w := value.SplitWord(c.Word(), sig)
	if w.JSON && strings.HasPrefix(w.Form, "@") || !w.JSON && namesFile(w.Form) {
		c.AddFiles()
		return
	}
	if sig == nil {
		return
	}
	g := givenOf(sig, before, after)
	form := c.Behind(strings.TrimSuffix(c.Word(), w.Form))
	switch {
	case w.JSON:
		jsonValues(g.typeOf(w), form)
	case w.Name != "":
		values(g.typeOf(w), form)
	default:
		values(g.typeOf(w), c)
		g.names(c)
	}
}

// namesFile reports whether a form goes on with the name of a file.
func namesFile(form string) bool {
	if strings.HasPrefix(form, "@@") {
		return false
	}
	return slices.ContainsFunc([]string{"@", ":@", "bytes:@"}, func(sign string) bool { return strings.HasPrefix(form, sign) })
}

// given is what is known of the arguments of a call besides the one at the cursor.
type given struct {
	sig    *value.Signature
	before int             // positional ones before the cursor
	named  map[string]bool // those given by name
}

func givenOf(sig *value.Signature, before, after []string) given {
	g := given{sig: sig, named: map[string]bool{}}
	for i, word := range slices.Concat(before, after) {
		switch w := value.SplitWord(word, sig); {
		case w.Name != "":
			g.named[w.Name] = true
		case i < len(before):
			g.before++
		}
	}
	return g
}

// typeOf is the type of the argument at the cursor. No type, nil, is that of any value, of an
// argument too many, and of the list of all the rest.
func (g *given) typeOf(w value.Word) *value.Type {
	params, i := g.sig.Params, g.before
	if w.Name != "" {
		i = slices.IndexFunc(params, func(p value.Param) bool { return p.Name == w.Name })
	}
	if last := len(params) - 1; g.sig.Variadic && i >= last {
		if w.JSON && w.Name != "" {
			return nil
		}
		i = last
	}
	if i < 0 || i >= len(params) {
		return nil
	}
	return params[i].Type
}

// names offers the parameters that have no argument yet, with both signs.
func (g *given) names(c *Candidates) {
	for i, p := range g.sig.Params {
		if i < g.before || g.named[p.Name] {
			continue
		}
		about := p.Type.String()
		if p.Doc != "" {
			about += ", " + p.Doc
		}
		c.AddOpen(p.Name+"=", about)
		c.AddOpen(p.Name+":=", "JSON of "+about)
	}
}

// values offers the values of a type that has only some, as forms.
func values(t *value.Type, c *Candidates) {
	for _, text := range some(t) {
		if read, err := value.ParseForm(text, t, nil); t.Kind == value.Text && (err != nil || read != text || strings.HasPrefix(text, "-")) {
			text = "str:" + text // else it would be read as something else
		}
		c.Add(text, t.String())
	}
}

// jsonValues offers them as JSON.
func jsonValues(t *value.Type, c *Candidates) {
	for _, text := range some(t) {
		doc := []byte(text)
		if t.Kind == value.Text {
			var err error
			if doc, err = value.AppendJSON(nil, text); err != nil {
				continue
			}
		}
		c.Add(string(doc), t.String())
	}
}

// some are the values of a type that has only some.
func some(t *value.Type) []string {
	switch {
	case t == nil:
		return nil
	case t.Kind == value.Bool:
		return []string{"true", "false"}
	}
	return t.Enum
}
