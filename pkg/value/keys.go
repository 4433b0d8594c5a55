package value

import (
	"bytes"
	"slices"
)

// keySpan is where the content of a map key stands.
type keySpan struct{ from, to uint32 }

func (k keySpan) in(data []byte) []byte { return data[k.from:k.to] }

// keyStack holds the keys of the maps being scanned, innermost map on top. It grows by keys seen,
// never by a length announced.
type keyStack []keySpan

func (k *keyStack) push(from, to int) { *k = append(*k, keySpan{uint32(from), uint32(to)}) }

func (k *keyStack) pop(base int) { *k = (*k)[:base] }

// repeated returns a key from base up that is there a second time. It may reorder them.
func (k keyStack) repeated(data []byte, base int) (keySpan, bool) {
	keys := k[base:]
	if ascending(data, keys) {
		return keySpan{}, false
	}
	if len(keys) > 12 {
		slices.SortFunc(keys, func(a, b keySpan) int { return bytes.Compare(a.in(data), b.in(data)) })
		return repeatedSorted(data, keys)
	}
	for i, a := range keys {
		for _, b := range keys[:i] {
			if bytes.Equal(a.in(data), b.in(data)) {
				return a, true
			}
		}
	}
	return keySpan{}, false
}

// ascending reports whether each key is greater than the one before, as in maps we have encoded.
func ascending(data []byte, keys []keySpan) bool {
	for i := 1; i < len(keys); i++ {
		if bytes.Compare(keys[i-1].in(data), keys[i].in(data)) >= 0 {
			return false
		}
	}
	return true
}

func repeatedSorted(data []byte, keys []keySpan) (keySpan, bool) {
	for i := 1; i < len(keys); i++ {
		if a, b := keys[i-1], keys[i]; bytes.Equal(a.in(data), b.in(data)) {
			return keySpan{max(a.from, b.from), max(a.to, b.to)}, true
		}
	}
	return keySpan{}, false
}

// keyAt returns the text whose head, already scanned, is at data[at:].
func keyAt(data []byte, at int) []byte {
	h, _ := readHead(data, at)
	return data[h.next : h.next+int(h.arg)]
}
