package catalog

import (
	"maps"
	"slices"
	"sort"
)

// merged makes the sorted list of what there is now from the one before and the keys that have
// changed. entry makes one anew, and reports false when it is gone. The old list stays as it is.
func merged[E any](old []E, key func(*E) string, changed map[string]bool, entry func(key string) (E, bool)) []E {
	if len(changed) == 0 {
		return old
	}
	out := make([]E, 0, len(old)+len(changed))
	rest := old
	for _, k := range slices.Sorted(maps.Keys(changed)) {
		at := sort.Search(len(rest), func(i int) bool { return key(&rest[i]) >= k })
		out = append(out, rest[:at]...)
		if rest = rest[at:]; len(rest) > 0 && key(&rest[0]) == k {
			rest = rest[1:]
		}
		if e, ok := entry(k); ok {
			out = append(out, e)
		}
	}
	return append(out, rest...)
}

// union is what the lists have together, sorted, each once.
func union(lists ...[]string) []string {
	if len(lists) == 1 {
		return lists[0] // sorted by the exchange
	}
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}
