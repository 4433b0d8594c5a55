package repl

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/value"
)

// kept is a value that a variable holds.
type kept struct {
	json    []byte    // compact
	encoded value.Raw // as it came over the network; nil for what was made here
}

func keep(r command.Result) kept { return kept{slices.Clone(r.JSON), slices.Clone(r.Encoded)} }

func (k kept) result() command.Result { return command.Result{JSON: k.json, Encoded: k.encoded} }

func (k kept) size() int { return len(k.json) + len(k.encoded) }

// form is the value as an argument, in one of the forms that people write; name may be empty. A
// value that came over the network keeps its kind.
func (k kept) form(name string) string {
	if text := k.kindForm(); text != "" {
		if name != "" {
			name += "="
		}
		return name + text
	}
	return name + ":=" + string(k.json)
}

// kindForm is the form of those kinds that JSON has as text.
func (k kept) kindForm() string {
	if k.encoded == nil {
		return ""
	}
	v, err := value.Decode(k.encoded)
	if err != nil {
		return ""
	}
	switch v := v.(type) {
	case []byte:
		return "b64:" + base64.StdEncoding.EncodeToString(v)
	case time.Time, value.LocalTime:
		return "datetime:" + k.text()
	case value.Date:
		return "date:" + k.text()
	case value.TimeOfDay:
		return "time:" + k.text()
	case time.Duration:
		return "dur:" + k.text()
	}
	return ""
}

// text is a value whose JSON is a string.
func (k kept) text() string {
	var text string
	if json.Unmarshal(k.json, &text) != nil {
		return string(k.json)
	}
	return text
}

// at follows a path: .name and [index] parts. whole is how the reference was typed.
func (k kept) at(path, whole string) (kept, error) {
	if path == "" {
		return k, nil
	}
	v, err := k.decode()
	if err != nil {
		return kept{}, err
	}
	for _, step := range steps(path) {
		if v, err = follow(v, step); err != nil {
			return kept{}, wrong("", "%s: %v", whole, err)
		}
	}
	return encode(v)
}

func (k kept) decode() (any, error) {
	if k.encoded != nil {
		return value.Decode(k.encoded)
	}
	return value.FromJSON(k.json, nil)
}

func encode(v any) (kept, error) {
	encoded, err := value.Marshal(v)
	if err != nil {
		return kept{}, err
	}
	doc, err := value.AppendRawJSON(nil, encoded)
	return kept{doc, encoded}, err
}

// steps cuts a path apart.
func steps(path string) []string {
	var list []string
	for path != "" {
		end := strings.IndexAny(path[1:], ".[")
		if end < 0 {
			end = len(path) - 1
		}
		list = append(list, path[:end+1])
		path = path[end+1:]
	}
	return list
}

// follow goes one step into a value.
func follow(v any, step string) (any, error) {
	if name, ok := strings.CutPrefix(step, "."); ok {
		return member(v, name)
	}
	list, ok := v.([]any)
	if !ok {
		return nil, noStep("it is no list, so it has no " + step)
	}
	i, err := strconv.Atoi(strings.Trim(step, "[]"))
	if i < 0 {
		i += len(list)
	}
	if err != nil || i < 0 || i >= len(list) {
		return nil, noStep("the list has " + strconv.Itoa(len(list)) + " elements, and no " + step)
	}
	return list[i], nil
}

func member(v any, name string) (any, error) {
	members, ok := v.(map[string]any)
	if !ok {
		return nil, noStep("it is no map, so it has no ." + name)
	}
	found, ok := members[name]
	if !ok {
		return nil, noStep("no member " + name + nearest(name, members))
	}
	return found, nil
}

// noStep is why a path leads nowhere.
type noStep string

func (n noStep) Error() string { return string(n) }

func nearest(name string, members map[string]any) string {
	names := make([]string, 0, len(members))
	for n := range members {
		names = append(names, n)
	}
	if near := value.Nearest(name, names); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}
