package repl

import (
	"regexp"
	"strings"
)

// word is one word of a statement.
type word struct {
	kind wordKind
	text string // without quotes; of a reference without the name before it
	raw  string // as it was typed
	name string // that of NAME=... before a reference, an item or a string
	item *item  // of an itemWord
}

// wordKind is what a word stands for.
type wordKind uint8

const (
	plainWord  wordKind = iota // its text
	stringWord                 // a JSON string, where a value is wanted
	refWord                    // the value of a variable or of an earlier statement
	itemWord                   // what an item gives: $(item)
)

// piece is a part of a word that was written in one way.
type piece struct {
	kind pieceKind
	text string
	item *item
}

type pieceKind uint8

const (
	bare pieceKind = iota
	literal
	jsonString
	subItem
)

// reference is a word that stands for a value: $name or _ or _2, and a path.
var reference = regexp.MustCompile(`^(\$[A-Za-z_][A-Za-z0-9_]*|_[0-9]*)((?:\.[A-Za-z_][A-Za-z0-9_-]*|\[-?[0-9]+\])*)$`)

// addressForm is an address: a service and the number of an instance.
var addressForm = regexp.MustCompile(`^[A-Za-z0-9_/-]+@[0-9]+$`)

// leadingName is the name of a parameter in front of its value.
var leadingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)

// readWord reads the word at the reader's place, which is neither blank nor operator.
func (r *reader) readWord() (word, error) {
	begin := r.pos
	var pieces []piece
	for !r.endsWord() {
		p, err := r.readPiece(pieces)
		if err != nil {
			return word{}, err
		}
		pieces = append(pieces, p)
	}
	return makeWord(pieces, r.text[begin:r.pos])
}

// readPiece reads what is written in one way, behind other pieces of the same word.
func (r *reader) readPiece(before []piece) (piece, error) {
	begin := r.pos
	switch {
	case r.at("$(") && (len(before) == 0 || len(before) == 1 && isName(before[0])):
		it, err := r.readSubItem()
		return piece{kind: subItem, item: it}, err
	case r.at("'"):
		err := r.skipLiteral()
		return piece{kind: literal, text: unquoted(r.text[begin:r.pos])}, err
	case r.at(`"`):
		text, err := r.readString()
		return piece{kind: jsonString, text: text}, err
	}
	for !r.endsWord() && !r.at("'") && !r.at(`"`) {
		if r.at("$(") && len(before) == 0 && isName(piece{text: r.text[begin:r.pos]}) {
			break
		}
		if strings.IndexByte("([{", r.text[r.pos]) < 0 {
			r.pos++
			continue
		}
		if err := r.skipBrackets(); err != nil {
			return piece{}, err
		}
	}
	return piece{text: r.text[begin:r.pos]}, nil
}

// unquoted is '...' without its quotes.
func unquoted(text string) string { return strings.TrimSuffix(strings.TrimPrefix(text, "'"), "'") }

// isName reports whether a piece is NAME=.
func isName(p piece) bool {
	return p.kind == bare && leadingName.FindString(p.text) == p.text && p.text != ""
}

// makeWord says what the pieces stand for together.
func makeWord(pieces []piece, raw string) (word, error) {
	w := word{raw: raw}
	rest := pieces
	if len(rest) == 2 && isName(rest[0]) {
		w.name, rest = strings.TrimSuffix(rest[0].text, "="), rest[1:]
	}
	if len(rest) == 1 {
		switch p := rest[0]; p.kind {
		case jsonString:
			w.kind, w.text = stringWord, p.text
			return w, nil
		case subItem:
			w.kind, w.item = itemWord, p.item
			return w, nil
		}
	}
	w.name = ""
	for _, p := range pieces {
		if p.kind == subItem {
			return w, wrong("assign it first: $x = ...", "$(...) is a value, and no part of a word: %s", raw)
		}
		w.text += p.text
	}
	if len(pieces) == 1 && pieces[0].kind == bare {
		w.refer()
	}
	return w, nil
}

// refer makes a plain word a reference, if it looks like one.
func (w *word) refer() {
	name := leadingName.FindString(w.text)
	if rest := w.text[len(name):]; reference.MatchString(rest) {
		w.kind, w.name, w.text = refWord, strings.TrimSuffix(name, "="), rest
	}
}

// plain is the word where no value is wanted: its text. Only some values can stand there.
func (w *word) plain() (string, error) {
	switch w.kind {
	case refWord, itemWord:
		return "", wrong("a call's arguments, pub's and xmlrpc's are such", "%s stands for a value where an argument is one", w.raw)
	case stringWord:
		if w.name != "" {
			return w.name + "=" + w.text, nil
		}
	}
	return w.text, nil
}
