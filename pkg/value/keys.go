package value

import (
	"bytes"
	"slices"
)

// keyStack holds where the keys of the maps being scanned begin, innermost map on top. It grows
// by keys seen, never by a length announced.
type keyStack []uint32

func (k *keyStack) push(at int) { *k = append(*k, uint32(at)) }

func (k *keyStack) pop(base int) { *k = (*k)[:base] }

// repeated returns where a key from base up appears a second time, or -1. It may reorder them.
func (k keyStack) repeated(data []byte, base int) int {
	keys := k[base:]
	if ascending(data, keys) {
		return -1
	}
	if len(keys) > 12 {
		slices.SortFunc(keys, func(a, b uint32) int {
			return bytes.Compare(keyAt(data, int(a)), keyAt(data, int(b)))
		})
		return repeatedSorted(data, keys)
	}
	for i, a := range keys {
		for _, b := range keys[:i] {
			if bytes.Equal(keyAt(data, int(a)), keyAt(data, int(b))) {
				return int(a)
			}
		}
	}
	return -1
}

// ascending reports whether each key is greater than the one before, as in maps we have encoded.
func ascending(data []byte, keys []uint32) bool {
	for i := 1; i < len(keys); i++ {
		if bytes.Compare(keyAt(data, int(keys[i-1])), keyAt(data, int(keys[i]))) >= 0 {
			return false
		}
	}
	return true
}

func repeatedSorted(data []byte, keys []uint32) int {
	for i := 1; i < len(keys); i++ {
		if bytes.Equal(keyAt(data, int(keys[i-1])), keyAt(data, int(keys[i]))) {
			return int(max(keys[i-1], keys[i]))
		}
	}
	return -1
}

// keyAt returns the text whose head, already scanned, is at data[at:].
func keyAt(data []byte, at int) []byte {
	h, _ := readHead(data, at)
	return data[h.next : h.next+int(h.arg)]
}
