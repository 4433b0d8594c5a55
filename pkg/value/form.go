package value

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"
)

// Sources gives forms the stdin and the files they name. Whoever implements it may refuse.
type Sources interface {
	Stdin() ([]byte, error)
	File(path string) ([]byte, error)
}

// ParseForm reads one argument as people write it. The first rule that fits wins:
//
//   - stdin as text          :-               stdin as JSON
//     @@REST           the text @REST
//     @FILE            text of a file         :@FILE           JSON of a file
//     b64:TEXT  hex:TEXT                      bytes
//     bytes:@FILE  bytes:-                    the bytes of a file, of stdin
//     date:2026-11-22  time:10:00:00  datetime:2026-11-22T10:00:00Z  dur:1h30m
//     str:REST         the text REST
//
// Anything else is read by t: text as it is; list and map as JSON; bytes from base64; for any, or a
// nil t, JSON if it parses, else text. src may be nil: then there is no stdin and no file.
//
// What does not fit t is a [TypeError]; a source or JSON text that cannot be read is a
// [UsageError].
func ParseForm(word string, t *Type, src Sources) (any, error) {
	if !utf8.ValidString(word) {
		return nil, &UsageError{Reason: "an argument is not valid UTF-8"}
	}
	v, found, err := parseSourced(word, t, src)
	if !found {
		v, found, err = parsePrefixed(word)
	}
	if !found {
		return parseTyped(word, t)
	}
	if err == nil {
		err = t.Check(v)
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// parseSourced reads the forms that name stdin or a file.
func parseSourced(word string, t *Type, src Sources) (v any, found bool, err error) {
	asJSON := func(data []byte) (any, error) { return readJSON(data, "in "+quoteUnlessPlain(word), t) }
	switch {
	case strings.HasPrefix(word, "@@"):
		return word[1:], true, nil
	case word == "-":
		v, err = fromStdin(src, readTextOf)
	case word == ":-":
		v, err = fromStdin(src, asJSON)
	case word == "bytes:-":
		v, err = fromStdin(src, readBytes)
	case strings.HasPrefix(word, "@"):
		v, err = fromFile(src, word[len("@"):], readTextOf)
	case strings.HasPrefix(word, ":@"):
		v, err = fromFile(src, word[len(":@"):], asJSON)
	case strings.HasPrefix(word, "bytes:@"):
		v, err = fromFile(src, word[len("bytes:@"):], readBytes)
	default:
		return nil, false, nil
	}
	return v, true, err
}

func fromStdin(src Sources, read func([]byte) (any, error)) (any, error) {
	if src == nil {
		return nil, &UsageError{Reason: "there is no stdin to read here"}
	}
	data, err := src.Stdin()
	if err != nil {
		return nil, asUsage("cannot read stdin", err)
	}
	return read(data)
}

func fromFile(src Sources, path string, read func([]byte) (any, error)) (any, error) {
	if src == nil {
		return nil, &UsageError{Reason: "there are no files to read here"}
	}
	data, err := src.File(path)
	if err != nil {
		return nil, asUsage("cannot read the file "+quoteShort(path), err)
	}
	return read(data)
}

// asUsage keeps a usage error that a source has made itself.
func asUsage(reason string, err error) error {
	if e, ok := err.(*UsageError); ok {
		return e
	}
	return &UsageError{Reason: reason, Err: err}
}

func readTextOf(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, &UsageError{Reason: "what was read is not valid UTF-8; take it as bytes:@FILE or bytes:-"}
	}
	return string(data), nil
}

func readBytes(data []byte) (any, error) { return append([]byte{}, data...), nil }

// readJSON reads JSON that was announced as such, so a malformed one is a wrong command line. Its
// text may be a secret, so the message only says where it stands.
func readJSON(data []byte, where string, t *Type) (any, error) {
	v, err := FromJSON(data, t)
	if e, ok := err.(*DecodeError); ok {
		return nil, &UsageError{Reason: "unreadable JSON " + where, Err: e}
	}
	return v, err
}

// quoteUnlessPlain quotes a file's name for a message if it must be.
func quoteUnlessPlain(word string) string {
	if onlyHas(word, "_-./:@") {
		return word
	}
	return quoteShort(word)
}

// prefixes are the forms that say themselves what they are.
var prefixes = []struct {
	prefix string
	want   string
	read   func(text string) (any, bool)
}{
	{"b64:", "base64", func(s string) (any, bool) { return orNot[any](base64.StdEncoding.Strict().DecodeString(s)) }},
	{"hex:", "hexadecimal", func(s string) (any, bool) { return orNot[any](hex.DecodeString(s)) }},
	{"date:", "date", func(s string) (any, bool) { return orNot[any](ParseDate(s)) }},
	{"time:", "time", func(s string) (any, bool) { return orNot[any](ParseTimeOfDay(s)) }},
	{"datetime:", "datetime", func(s string) (any, bool) { return orNot[any](ParseDateTime(s)) }},
	{"dur:", "duration", func(s string) (any, bool) { return orNot[any](time.ParseDuration(s)) }},
	{"str:", "text", func(s string) (any, bool) { return s, true }},
}

func parsePrefixed(word string) (v any, found bool, err error) {
	for _, p := range prefixes {
		rest, ok := strings.CutPrefix(word, p.prefix)
		if !ok {
			continue
		}
		v, ok := p.read(rest)
		if !ok {
			return nil, true, &TypeError{Want: p.want, Got: describeText(rest)}
		}
		return v, true, nil
	}
	return nil, false, nil
}

// parseTyped reads a word that has no form of its own.
func parseTyped(word string, t *Type) (any, error) {
	switch kind := t.kind(); {
	case kind == Any:
		if v, err := FromJSON([]byte(word), nil); err == nil {
			return v, nil
		}
		return word, nil
	case kind == Nil && word == "nil", word == "null" && kind != Text && (kind == Nil || t.Nullable):
		return nil, nil
	case kind == List, kind == Map, kind == Stream:
		return parseNestedWord(word, t)
	case kind == Bool && (word == "true" || word == "false"):
		return word == "true", nil
	case kind == Int && isWhole(word), kind == Number && isNumber(word):
		return decoded(appendNumberAs(nil, plainNumber(word), isWhole(word), t))
	case kind == Number:
		word = longFloatName(word)
	}
	return decoded(appendTextAs(nil, word, t))
}

func parseNestedWord(word string, t *Type) (any, error) {
	v, err := FromJSON([]byte(word), t)
	if _, malformed := err.(*DecodeError); malformed {
		return nil, &TypeError{Want: t.String() + " as JSON", Got: describeText(word)}
	}
	return v, err
}

// decoded reads back what an append function has encoded.
func decoded(encoded []byte, err error) (any, error) {
	switch e := err.(type) {
	case nil:
		v, _ := readAny(encoded, 0)
		return v, nil
	case *DecodeError:
		return nil, &TypeError{Want: "number within the limits", Got: e.Reason}
	}
	return nil, err
}

func isWhole(word string) bool {
	return isNumber(word) && !strings.ContainsAny(word, ".eE")
}

// plainNumber drops a plus sign, which JSON's numbers do not have.
func plainNumber(word string) string { return strings.TrimPrefix(word, "+") }

// longFloatName takes the short names that people write.
func longFloatName(word string) string {
	switch strings.TrimPrefix(word, "+") {
	case "Inf", "Infinity":
		return "Infinity"
	case "-Inf":
		return "-Infinity"
	}
	return word
}
