package repl

import (
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/netsvc/netsvc/pkg/value"
)

// The bounds of what a session remembers.
const (
	maxVariables = 1000
	maxEarlier   = 10 // values of statements: _, _2 and so on
)

// variables are the values that a session keeps.
type variables struct {
	mu      sync.Mutex
	named   map[string]kept
	earlier []kept // of statements, the last one first
}

// set gives a variable its value.
func (v *variables) set(name string, k kept) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, there := v.named[name]; !there && len(v.named) == maxVariables {
		return wrong("unset NAME makes room", "there are %d variables already", maxVariables)
	}
	if v.named == nil {
		v.named = map[string]kept{}
	}
	v.named[name] = k
	return nil
}

// unset forgets variables.
func (v *variables) unset(names []string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, name := range names {
		if _, there := v.named[name]; !there {
			return wrong("vars lists them", "no variable $%s", name)
		}
	}
	for _, name := range names {
		delete(v.named, name)
	}
	return nil
}

// remember makes a value that of the last statement.
func (v *variables) remember(k kept) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.earlier = slices.Insert(v.earlier, 0, k)
	v.earlier = v.earlier[:min(len(v.earlier), maxEarlier)]
}

// names are those of the variables, sorted.
func (v *variables) names() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Sorted(maps.Keys(v.named))
}

// get is the value that a reference stands for.
func (v *variables) get(text string) (kept, error) {
	parts := reference.FindStringSubmatch(text)
	name, path := parts[1], parts[2]
	k, err := v.whole(name)
	if err != nil {
		return kept{}, err
	}
	return k.at(path, text)
}

func (v *variables) whole(name string) (kept, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if name[0] == '$' {
		k, there := v.named[name[1:]]
		if !there {
			return kept{}, wrong(v.hint(name[1:]), "no variable %s", name)
		}
		return k, nil
	}
	n := 1
	if name != "_" {
		n, _ = strconv.Atoi(name[1:])
	}
	if n < 1 || n > len(v.earlier) {
		return kept{}, wrong("", "%s has no value: %d statements had one, and %d are remembered", name, len(v.earlier), maxEarlier)
	}
	return v.earlier[n-1], nil
}

// hint is which variable was probably meant, or how to make one.
func (v *variables) hint(name string) string {
	if near := value.Nearest(name, slices.Sorted(maps.Keys(v.named))); near != "" {
		return "did you mean $" + near + "?"
	}
	return "$" + name + " = ... makes one"
}

// listOf is the list of encoded elements, or nil where that has no limits to keep.
func listOf(count int, elements []byte) value.Raw {
	list := value.AppendList(nil, count, elements)
	if value.Check(list) != nil {
		return nil
	}
	return list
}
