package xmlrpc

import (
	"maps"
	"math/big"
	"reflect"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// restoredFor returns v in the form that the Go type behind into has for it: what XML-RPC has no
// type for has come as text. Whatever does not read stays as it is, and does not fit then.
func restoredFor(into, v any) any {
	target := reflect.TypeOf(into)
	if target == nil || target.Kind() != reflect.Pointer {
		return v
	}
	t, err := value.TypeOf(target.Elem())
	if err != nil {
		return v
	}
	return restored(v, t)
}

// restored is restoredFor by a type. v itself is not changed.
func restored(v any, t *value.Type) any {
	if t == nil {
		return v
	}
	switch v := v.(type) {
	case string:
		return fromText(v, t.Kind)
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = restored(element, t.Elem)
		}
		return list
	case map[string]any:
		return restoredMembers(v, t)
	}
	return v
}

func restoredMembers(members map[string]any, t *value.Type) map[string]any {
	whole := maps.Clone(members)
	for _, field := range t.Fields {
		if v, ok := members[field.Name]; ok {
			whole[field.Name] = restored(v, field.Type)
		}
	}
	if t.Elem != nil {
		for name, v := range members {
			whole[name] = restored(v, t.Elem)
		}
	}
	return whole
}

// maxNumberText bounds the digits that are made a number.
const maxNumberText = 1024

// fromText reads a text as what is written as one, where that is wanted.
func fromText(text string, kind value.Kind) any {
	var v any
	var err error
	switch {
	case kind == value.Duration:
		v, err = time.ParseDuration(text)
	case kind == value.Day:
		v, err = value.ParseDate(text)
	case kind == value.Clock:
		v, err = value.ParseTimeOfDay(text)
	case kind == value.Number && len(text) <= maxNumberText:
		v, err = value.ParseDecimal(text)
	case kind == value.Int && len(text) <= maxNumberText:
		n, ok := new(big.Int).SetString(text, 10)
		if ok && !n.IsInt64() { // a smaller one would have come as an int
			return n
		}
		return text
	default:
		return text
	}
	if err != nil {
		return text
	}
	return v
}
