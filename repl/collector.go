package repl

import (
	"github.com/netsvc/netsvc/internal/command"
)

// The bounds of what is kept of one statement.
const (
	maxResults = 100_000
	maxKept    = 64 << 20 // bytes
)

// collector keeps the results of a statement.
type collector struct {
	results []kept
	size    int
	items   bool // they are those of a list or stream
	over    bool // there were too many, and none is kept
}

// add takes one more. Too many are none.
func (c *collector) add(r command.Result) {
	c.items = c.items || r.Item
	k := keep(r)
	c.size += k.size()
	if c.over || len(c.results) == maxResults || c.size > maxKept {
		c.over, c.results = true, nil
		return
	}
	c.results = append(c.results, k)
}

// value is what a variable gets: null without results, a single one, or all as a list. There is none
// when they were too many.
func (c *collector) value() (kept, error) {
	switch {
	case c.over:
		return kept{}, wrong("|> makes less of them", "more than %d results or %d MiB: too many for a variable", maxResults, maxKept>>20)
	case c.items:
		return c.list(), nil
	case len(c.results) == 0:
		return kept{json: []byte("null")}, nil
	case len(c.results) == 1:
		return c.results[0], nil
	}
	return c.list(), nil
}

// list is all results as one. Of those that came over the network, elements keep their kinds.
func (c *collector) list() kept {
	doc := []byte{'['}
	elements, encoded := 0, []byte(nil)
	for i, k := range c.results {
		if i > 0 {
			doc = append(doc, ',')
		}
		doc = append(doc, k.json...)
		if k.encoded != nil {
			encoded = append(encoded, k.encoded...)
			elements++
		}
	}
	whole := kept{json: append(doc, ']')}
	if elements == len(c.results) {
		whole.encoded = listOf(elements, encoded)
	}
	return whole
}
