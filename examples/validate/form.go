package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// form is a value as the cases and all clients write it: an object of one member that names the
// kind, as in {"int":"12"}, so that JSON of any language carries it without a loss. To those of
// [xmlrpc.Tagged] come date, clock, duration and opaque, which XML-RPC cannot carry.
type form map[string]any

// formOf returns the form of a value.
func formOf(v any) form {
	switch v := v.(type) {
	case []any:
		return form{"list": formsOf(v)}
	case map[string]any:
		members := make(map[string]any, len(v))
		for name := range v {
			members[name] = map[string]any(formOf(v[name]))
		}
		return form{"map": members}
	case value.Date:
		return form{"date": v.String()}
	case value.TimeOfDay:
		return form{"clock": v.String()}
	case time.Duration:
		return form{"duration": v.String()}
	case value.Opaque:
		return form{"opaque": fmt.Sprintf("%d:%s", v.Tag, base64.StdEncoding.EncodeToString(v.Data))}
	}
	return form(xmlrpc.Tagged(v))
}

// String is compact JSON; equal values have equal ones when they come from formOf.
func (f form) String() string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(f); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// parseForm turned round is formOf.
func parseForm(f map[string]any) (any, error) {
	if len(f) != 1 {
		return nil, fmt.Errorf("a form has one member, not %d: %v", len(f), f)
	}
	for kind, content := range f {
		switch content := content.(type) {
		case bool:
			return parseFlag(kind, content)
		case string:
			return parseText(kind, content)
		case []any:
			return parseList(content)
		case map[string]any:
			return parseMembers(content)
		}
	}
	return nil, fmt.Errorf("no such form: %v", f)
}

func parseFlag(kind string, flag bool) (any, error) {
	if kind == "nil" {
		return nil, nil
	}
	return flag, nil
}

func parseList(list []any) (any, error) {
	values := make([]any, len(list))
	for i, element := range list {
		f, _ := element.(map[string]any)
		v, err := parseForm(f)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

func parseMembers(members map[string]any) (any, error) {
	values := make(map[string]any, len(members))
	for name, member := range members {
		f, _ := member.(map[string]any)
		v, err := parseForm(f)
		if err != nil {
			return nil, err
		}
		values[name] = v
	}
	return values, nil
}

func parseText(kind, text string) (any, error) {
	switch kind {
	case "str":
		return text, nil
	case "int":
		return strconv.ParseInt(text, 10, 64)
	case "float":
		return strconv.ParseFloat(text, 64)
	case "bytes":
		return base64.StdEncoding.DecodeString(text)
	case "time":
		return value.ParseDateTime(text)
	case "bigint":
		return parseBig(text)
	case "decimal":
		return value.ParseDecimal(text)
	case "date":
		return value.ParseDate(text)
	case "clock":
		return value.ParseTimeOfDay(text)
	case "duration":
		return time.ParseDuration(text)
	case "opaque":
		return parseOpaque(text)
	}
	return nil, fmt.Errorf("no such kind: %s", kind)
}

func parseBig(text string) (any, error) {
	if n, ok := new(big.Int).SetString(text, 10); ok {
		return n, nil
	}
	return nil, fmt.Errorf("not an integer: %s", text)
}

func parseOpaque(text string) (any, error) {
	number, encoded, _ := strings.Cut(text, ":")
	tag, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	return value.Opaque{Tag: tag, Data: data}, err
}

func formsOf(values []any) []any {
	forms := make([]any, len(values))
	for i := range values {
		forms[i] = map[string]any(formOf(values[i]))
	}
	return forms
}
