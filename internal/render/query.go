package render

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// Query is an expression in the language of jq. It reads no files, modules or environment and no
// input but the document. It may be used by many goroutines.
type Query struct{ code *gojq.Code }

// ParseQuery reads an expression. The error says where it goes wrong, or which name it does not
// know.
func ParseQuery(text string) (*Query, error) {
	parsed, err := gojq.Parse(text)
	if err != nil {
		return nil, wrongAt(text, err)
	}
	code, err := gojq.Compile(parsed)
	if err != nil {
		return nil, err
	}
	return &Query{code}, nil
}

// wrongAt adds to an error of the parser where it stands.
func wrongAt(text string, err error) error {
	var wrong *gojq.ParseError
	if !errors.As(err, &wrong) {
		return err
	}
	begin := min(max(wrong.Offset-len(wrong.Token), 0), len(text))
	if begin == len(text) {
		return fmt.Errorf("%w at the end", err)
	}
	return fmt.Errorf("%w at character %d", err, utf8.RuneCountInString(text[:begin])+1)
}

// Run yields what the expression makes of one JSON document, each output as compact JSON with the
// members of maps in the order of their names. Numbers that the expression passes on keep their
// digits. The first error ends it: that of the expression, or of ctx, which bounds the work.
func (q *Query) Run(ctx context.Context, doc []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		input, err := queryInput(doc)
		if err != nil {
			yield(nil, err)
			return
		}
		outputs := q.code.RunWithContext(ctx, input)
		for {
			output, ok := outputs.Next()
			if !ok {
				return
			}
			encoded, err := queryOutput(output)
			if errors.Is(err, errHalt) || !yield(encoded, err) || err != nil {
				return
			}
		}
	}
}

// errHalt says that the expression wants no more outputs.
var errHalt = errors.New("halt")

func queryOutput(output any) ([]byte, error) {
	err, failed := output.(error)
	if !failed {
		return gojq.Marshal(output)
	}
	var halt *gojq.HaltError
	if errors.As(err, &halt) && halt.Value() == nil {
		return nil, errHalt
	}
	return nil, err
}

// queryInput reads a document into the types that gojq works with.
func queryInput(doc []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	var input any
	if err := decoder.Decode(&input); err != nil {
		return nil, err
	}
	return withNumbers(input), nil
}

// withNumbers replaces the numbers in a value, which it changes.
func withNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return queryNumber(v)
	case []any:
		for i, item := range v {
			v[i] = withNumbers(item)
		}
	case map[string]any:
		for name, item := range v {
			v[name] = withNumbers(item)
		}
	}
	return v
}

// queryNumber is an int or a big integer with all its digits, or the float64 that is written
// like it. Any other, such as a decimal with more digits, stays text until it is calculated with.
func queryNumber(text json.Number) any {
	if n, err := strconv.Atoi(text.String()); err == nil && text != "-0" {
		return n
	}
	if !strings.ContainsAny(text.String(), ".eE") && text != "-0" {
		if n, ok := new(big.Int).SetString(text.String(), 10); ok {
			return n
		}
	}
	if f, err := text.Float64(); err == nil {
		if written, err := gojq.Marshal(f); err == nil && string(written) == text.String() {
			return f
		}
	}
	return text
}
