package value

import (
	"math"
	"strconv"
	"sync"
	"unicode/utf8"
)

// Check reports whether data is exactly one value and keeps all limits: well-formed, at most
// [MaxDepth] deep, at most [MaxElements] large, every text valid UTF-8, every map key a text (in
// one piece) that appears once, every known tag on content that it can have. Inside an [Opaque]
// tag only well-formedness, UTF-8 and the limits count. What passes, [Decode] reads.
//
// Check is one scan that believes no announced length; what it remembers is eight bytes for each
// map key in sight. The error is a [DecodeError].
func Check(data []byte) error { return checkWhole(data, MaxDepth) }

// scanner walks over encoded items that nobody has looked at yet.
type scanner struct {
	data     []byte
	elements int
	opaque   int // how many unknown tags are open
	keys     keyStack
}

// scanners keeps scanners for the room in their key stacks.
var scanners = sync.Pool{New: func() any { return new(scanner) }}

// keptKeys is the largest key stack worth keeping.
const keptKeys = 16 << 10

func checkWhole(data []byte, depth int) error {
	end, err := checkItem(data, 0, depth)
	if err == nil && end != len(data) {
		return &DecodeError{Offset: end, Reason: "bytes after the value"}
	}
	return err
}

// checkItem scans the one item at data[at:] and returns where it ends.
func checkItem(data []byte, at, depth int) (int, error) {
	if uint64(len(data)) > math.MaxUint32 {
		return 0, &DecodeError{Offset: -1, Reason: "more than 4 GiB of data"}
	}
	s := scanners.Get().(*scanner)
	s.data, s.elements, s.opaque, s.keys = data, 0, 0, s.keys[:0]
	end, err := s.item(at, depth)
	s.data = nil
	if cap(s.keys) <= keptKeys {
		scanners.Put(s)
	}
	return end, err
}

// item scans the item at s.data[at:] and returns where it ends. It may open depth more levels.
func (s *scanner) item(at, depth int) (int, error) {
	h, ok := readHead(s.data, at)
	if !ok {
		return 0, s.badHead(at)
	}
	switch h.major {
	case majorUint, majorNeg:
		return h.next, nil
	case majorBytes, majorText:
		return s.str(at, h)
	case majorOther:
		return s.simple(at, h)
	}
	if depth == 0 {
		return 0, s.fail(at, "nested deeper than "+strconv.Itoa(MaxDepth))
	}
	switch h.major {
	case majorList:
		return s.list(h, depth-1)
	case majorMap:
		return s.mapping(h, depth-1)
	}
	return s.tag(at, h, depth-1)
}

func (s *scanner) simple(at int, h head) (int, error) {
	first := s.data[at]
	switch {
	case isScalarByte(first):
		return h.next, nil
	case h.open():
		return 0, s.fail(at, "break where a value should be")
	case h.info == 24 && h.arg < 32:
		return 0, s.fail(at, "malformed simple value")
	case s.opaque > 0:
		return h.next, nil
	}
	return 0, s.fail(at, "unknown simple value "+strconv.FormatUint(h.arg, 10))
}

func (s *scanner) str(at int, h head) (int, error) {
	if h.open() {
		return s.chunks(h)
	}
	if h.arg > uint64(len(s.data)-h.next) {
		return 0, s.fail(at, "string longer than the data")
	}
	end := h.next + int(h.arg)
	if h.major == majorText && !utf8.Valid(s.data[h.next:end]) {
		return 0, s.fail(at, "text is not valid UTF-8")
	}
	return end, nil
}

func (s *scanner) chunks(open head) (int, error) {
	at := open.next
	for {
		if at < len(s.data) && s.data[at] == byteBreak {
			return at + 1, nil
		}
		h, ok := readHead(s.data, at)
		if !ok {
			return 0, s.badHead(at)
		}
		if h.major != open.major || h.open() {
			return 0, s.fail(at, "string in chunks of another kind")
		}
		end, err := s.str(at, h)
		if err != nil {
			return 0, err
		}
		at = end
	}
}

func (s *scanner) list(h head, depth int) (int, error) {
	at := h.next
	for n := uint64(0); ; n++ {
		if end, done := s.ended(h, at, n); done {
			return end, nil
		}
		if err := s.count(at); err != nil {
			return 0, err
		}
		end, err := s.item(at, depth)
		if err != nil {
			return 0, err
		}
		at = end
	}
}

func (s *scanner) mapping(h head, depth int) (int, error) {
	at, base := h.next, len(s.keys)
	for n := uint64(0); ; n++ {
		if end, done := s.ended(h, at, n); done {
			return end, s.distinct(base)
		}
		if err := s.count(at); err != nil {
			return 0, err
		}
		value, err := s.key(at, depth)
		if err != nil {
			return 0, err
		}
		if at, err = s.item(value, depth); err != nil {
			return 0, err
		}
	}
}

// ended reports whether a list or map that has n items before at is complete, and where it ends.
func (s *scanner) ended(h head, at int, n uint64) (int, bool) {
	if !h.open() {
		return at, n == h.arg
	}
	return at + 1, at < len(s.data) && s.data[at] == byteBreak
}

func (s *scanner) count(at int) error {
	if s.elements++; s.elements > MaxElements {
		return s.fail(at, "more than "+strconv.Itoa(MaxElements)+" elements")
	}
	return nil
}

func (s *scanner) key(at, depth int) (int, error) {
	if s.opaque > 0 {
		return s.item(at, depth)
	}
	h, ok := readHead(s.data, at)
	if !ok {
		return 0, s.badHead(at)
	}
	if h.major != majorText || h.open() {
		return 0, s.fail(at, "map key is not a text in one piece")
	}
	end, err := s.str(at, h)
	if err == nil {
		s.keys.push(h.next, end)
	}
	return end, err
}

func (s *scanner) distinct(base int) error {
	if key, ok := s.keys.repeated(s.data, base); ok {
		return s.fail(int(key.from), "duplicate map key "+quoteShort(string(key.in(s.data))))
	}
	s.keys.pop(base)
	return nil
}

func (s *scanner) tag(at int, h head, depth int) (int, error) {
	known := isKnownTag(h.arg)
	if !known {
		s.opaque++
	}
	end, err := s.item(h.next, depth)
	if err != nil {
		return 0, err
	}
	if !known {
		s.opaque--
		return end, nil
	}
	if s.opaque == 0 {
		if reason := badContent(s.data[h.next:end], h.arg); reason != "" {
			return 0, s.fail(at, reason)
		}
	}
	return end, nil
}

func (s *scanner) badHead(at int) error {
	if at < len(s.data) && s.data[at]&31 >= 28 {
		return s.fail(at, "malformed first byte")
	}
	return s.fail(len(s.data), "the data ends too early")
}

func (s *scanner) fail(at int, reason string) error {
	return &DecodeError{Offset: at, Reason: reason}
}
