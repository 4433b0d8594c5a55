package value

import "strings"

// Word is one argument of a command line in its parts: [NAME=]FORM or [NAME]:=JSON.
type Word struct {
	Name string // empty when positional
	Form string // what stands behind the sign, or the whole word
	JSON bool   // the sign was :=, so Form is JSON, or - or @FILE to read it from
}

// SplitWord splits word. A name counts only when sig has that parameter, or is nil; else the whole
// word is a form, so a=b stays text where nothing is called a.
func SplitWord(word string, sig *Signature) Word {
	left, form, ok := strings.Cut(word, "=")
	if !ok {
		return Word{Form: word}
	}
	name, json := strings.CutSuffix(left, ":")
	switch {
	case json && name == "":
		return Word{Form: form, JSON: true}
	case !isWord(name) || sig != nil && sig.position(name) < 0:
		return Word{Form: word}
	}
	return Word{name, form, json}
}

// Parse reads the form of w as [ParseForm] does; after := only JSON, from the word itself, stdin
// (-) or a file (@FILE).
func (w Word) Parse(t *Type, src Sources) (any, error) {
	switch {
	case !w.JSON:
		return ParseForm(w.Form, t, src)
	case w.Form == "-", strings.HasPrefix(w.Form, "@"):
		return ParseForm(":"+w.Form, t, src)
	}
	return readJSON([]byte(w.Form), "after "+w.Name+":=", t)
}

// ParseArgs reads the arguments of a call and returns them in the order of sig. Each is read by the
// type of its parameter; a nil sig knows no types, and no places for names.
//
// A value that does not fit is a [TypeError], a wrong number an [ArityError], a name without a
// place an [ArgumentError], and an unreadable source or JSON text, or a second form that reads
// stdin, a [UsageError].
func ParseArgs(words []string, sig *Signature, src Sources) ([]any, error) {
	positional, named, err := ParseWords(words, sig, src)
	if err != nil || sig == nil {
		return positional, err
	}
	args, err := sig.Bind(positional, named)
	r := wordReader{sig: sig}
	return args, r.orMisspelt(r.orUnknown(err, words...), words)
}

// ParseWords reads some of the arguments of a call, as [ParseArgs] does, and leaves it to
// [Signature.Bind] to put them into their places together with those that come from elsewhere. What
// is missing is no error yet.
func ParseWords(words []string, sig *Signature, src Sources) (positional []any, named map[string]any, err error) {
	if src != nil {
		src = &onceStdin{Sources: src}
	}
	if err := oneStdin(words, sig); err != nil {
		return nil, nil, err
	}
	if sig == nil {
		positional, err := parseUntyped(words, src)
		return positional, nil, err
	}
	r := wordReader{sig: sig, src: src, named: map[string]any{}, total: len(words)}
	for _, word := range words {
		if err := r.add(word); err != nil {
			return nil, nil, r.orMisspelt(r.orUnknown(err, word), words)
		}
	}
	return r.positional, r.named, nil
}

// oneStdin refuses a second reader of stdin before anything is read: a line that asks for it
// twice is wrong whatever stdin holds.
func oneStdin(words []string, sig *Signature) error {
	readers := 0
	for _, word := range words {
		w := SplitWord(word, sig)
		if w.Form == "-" || !w.JSON && (w.Form == ":-" || w.Form == "bytes:-") {
			readers++
		}
	}
	if readers > 1 {
		return errStdinTwice
	}
	return nil
}

var errStdinTwice = &UsageError{Reason: "stdin can be read only once, and two arguments read it"}

func parseUntyped(words []string, src Sources) ([]any, error) {
	args := make([]any, 0, len(words))
	for i, word := range words {
		w := SplitWord(word, nil)
		if w.Name != "" {
			return nil, nameWithoutPlace(w.Name)
		}
		v, err := w.Parse(nil, src)
		if err != nil {
			return nil, under(argumentStep("", i), err)
		}
		args = append(args, v)
	}
	return args, nil
}

// wordReader collects the arguments of one call.
type wordReader struct {
	sig        *Signature
	src        Sources
	positional []any
	named      map[string]any
	total      int // of words, for messages
}

func (r *wordReader) add(word string) error {
	w := SplitWord(word, r.sig)
	if w.Name != "" {
		return r.addNamed(w)
	}
	i := len(r.positional)
	if i >= len(r.sig.Params) && !r.sig.Variadic {
		return &ArityError{Want: len(r.sig.Params), Got: r.total}
	}
	v, err := w.Parse(r.sig.param(i).Type, r.src)
	if err != nil {
		return r.sig.blame(i, err)
	}
	r.positional = append(r.positional, v)
	return nil
}

// addNamed reads a named argument. For the rest of a variadic method that is one of its arguments,
// or with := the list of them all.
func (r *wordReader) addNamed(w Word) error {
	if _, ok := r.named[w.Name]; ok {
		return &ArgumentError{Name: w.Name, Reason: "given twice"}
	}
	i := r.sig.position(w.Name)
	t := r.sig.Params[i].Type
	rest := r.sig.Variadic && i == len(r.sig.Params)-1
	if rest && w.JSON {
		t = &Type{Kind: List, Elem: t}
	}
	v, err := w.Parse(t, r.src)
	if err != nil {
		return r.sig.Params[i].blame(i, err)
	}
	if rest && !w.JSON {
		v = []any{v}
	}
	r.named[w.Name] = v
	return nil
}

// orUnknown replaces err, which is about some words, when one of them gives JSON to a name that no
// parameter has: as the text that it was read as instead it can hardly have been meant.
func (r *wordReader) orUnknown(err error, words ...string) error {
	if _, usage := err.(*UsageError); usage || err == nil {
		return err
	}
	for _, word := range words {
		left, _, _ := strings.Cut(word, "=")
		name, json := strings.CutSuffix(left, ":")
		if json && isWord(name) && r.sig.position(name) < 0 {
			return &ArgumentError{Name: name, Reason: "no such parameter"}
		}
	}
	return err
}

// orMisspelt replaces err when one of the words looks like an argument given by a name that is
// nearly one of the parameters', since then that is what is wrong.
func (r *wordReader) orMisspelt(err error, words []string) error {
	if _, usage := err.(*UsageError); usage || err == nil {
		return err
	}
	for _, word := range words {
		left, _, ok := strings.Cut(word, "=")
		name := strings.TrimSuffix(left, ":")
		if !ok || !isWord(name) || r.sig.position(name) >= 0 {
			continue
		}
		if nearest := Nearest(name, r.sig.names()); nearest != "" {
			return &ArgumentError{Name: name, Reason: "no such parameter", Nearest: nearest}
		}
	}
	return err
}

// onceStdin lets stdin be read once in one list of arguments.
type onceStdin struct {
	Sources
	read bool
}

// Stdin reads stdin, or refuses to when it has been read.
func (s *onceStdin) Stdin() ([]byte, error) {
	if s.read {
		return nil, errStdinTwice
	}
	s.read = true
	return s.Sources.Stdin()
}
