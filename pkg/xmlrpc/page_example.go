package xmlrpc

import (
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
)

// example is a call that a person may try.
type example struct {
	method string
	args   []exampleArg
}

// exampleArg is one argument, as each of the three commands wants it.
type exampleArg struct {
	value  any
	python string
	word   string // for a shell
}

// exampleArgs are arguments of the types that are written easily.
var exampleArgs = map[value.Kind]exampleArg{
	value.Bool:   {true, "True", "true"},
	value.Int:    {int64(3), "3", "3"},
	value.Number: {2.5, "2.5", "2.5"},
	value.Text:   {"text", `"text"`, "text"},
	value.List:   {[]any{}, "[]", "[]"},
	value.Map:    {map[string]any{}, "{}", "{}"},
	value.Any:    {int64(3), "3", "3"},
}

// exampleOf takes the first method that changes nothing, or else lists the methods: nobody shall
// change something by trying the page. In Python a name has no :, / and -.
func exampleOf(methods []value.Signature) example {
	for i := range methods {
		if args, ok := argsFor(&methods[i]); ok && methods[i].ReadOnly && !strings.ContainsAny(methods[i].Name, ":/-") {
			return example{methods[i].Name, args}
		}
	}
	return example{method: "system.listMethods"}
}

// argsFor returns arguments that fit, if all types are easy.
func argsFor(s *value.Signature) ([]exampleArg, bool) {
	var args []exampleArg
	for _, p := range s.Params {
		kind := value.Any
		if p.Type != nil {
			kind = p.Type.Kind
		}
		arg, ok := exampleArgs[kind]
		if !ok || p.Type != nil && len(p.Type.Enum)+len(p.Type.Fields) > 0 {
			return nil, false
		}
		args = append(args, arg)
	}
	return args, true
}

// lines are the call by curl, by Python and by netsvc. Nothing in them needs more quoting than
// there is: names of methods have none of the characters that mean something to a shell.
func (e example) lines(url string) []string {
	var values []any
	var python, words []string
	for _, arg := range e.args {
		values = append(values, arg.value)
		python = append(python, arg.python)
		words = append(words, " "+quoteWord(arg.word))
	}
	document, err := AppendCall(nil, e.method, values, nil)
	if err != nil {
		return nil // a name that XML-RPC cannot carry
	}
	return []string{
		"curl -H 'Content-Type: text/xml' -d '" + flat(document) + "' " + quoteWord(url),
		"python3 -c 'import xmlrpc.client as x; print(x.ServerProxy(\"" + url + "\")." + e.method + "(" + strings.Join(python, ", ") + "))'",
		"netsvc xmlrpc " + quoteWord(url) + " " + quoteWord(e.method) + strings.Join(words, ""),
	}
}

// flat puts a document on one line, without the declaration, which may be missing.
func flat(document []byte) string {
	_, root, _ := strings.Cut(string(document), "?>")
	lines := strings.FieldsFunc(root, func(c rune) bool { return c == '\n' })
	for i := range lines {
		lines[i] = strings.TrimLeft(lines[i], " ")
	}
	return strings.Join(lines, "")
}

// quoteWord puts quotes around what a shell would not take as it is.
func quoteWord(word string) string {
	plain := func(c rune) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("./:_-", c)
	}
	if !strings.ContainsFunc(word, func(c rune) bool { return !plain(c) }) {
		return word
	}
	return "'" + word + "'"
}
