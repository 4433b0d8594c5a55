package value

import "iter"

// AppendArgs encodes the arguments of a call, in order, behind dst. The path of an [EncodeError]
// begins with the number of the argument, as in "argument 2.items[3]". dst comes back as it was on
// an error.
func AppendArgs(dst []byte, args []any) ([]byte, error) {
	longer := appendHead(dst, majorList, uint64(len(args)))
	if len(args) > MaxElements {
		return dst, &EncodeError{Reason: "more than 1000000 elements"}
	}
	for i, arg := range args {
		var err error
		if longer, err = Append(longer, arg); err != nil {
			return dst, under(argumentStep("", i), err)
		}
	}
	return longer, nil
}

// Args reads an encoded list of arguments without decoding them. It borrows the bytes it was made
// from, and may be used by many goroutines as long as nobody changes them.
type Args struct {
	data  []byte
	first int
	count int
}

// ReadArgs checks that data is exactly one list of arguments that keep the limits of [Check]. The
// error is a [DecodeError].
func ReadArgs(data []byte) (Args, error) {
	h, ok := readHead(data, 0)
	if !ok || h.major != majorList {
		return Args{}, &DecodeError{Reason: "arguments are not a list"}
	}
	if !isFlat(data, h) {
		if err := checkWhole(data, MaxDepth+1); err != nil {
			return Args{}, err
		}
	}
	a := Args{data: data, first: h.next, count: room(h)}
	if h.open() {
		for at := h.next; data[at] != byteBreak; at = skip(data, at) {
			a.count++
		}
	}
	return a, nil
}

// isFlat reports whether a list is exactly what h announces and holds nothing but numbers, bools
// and nils, so that there is nothing more to check. Most calls are like that.
func isFlat(data []byte, h head) bool {
	at := h.next
	for range min(h.arg, uint64(len(data))) {
		item, ok := readHead(data, at)
		if !ok || item.major > majorNeg && !isScalarByte(data[at]) {
			return false
		}
		at = item.next
	}
	return at == len(data) && h.arg <= MaxElements && !h.open()
}

func isScalarByte(first byte) bool {
	return first >= byteFalse && first <= byteUndefined || first >= byteFloat16 && first <= byteFloat64
}

// Len is how many arguments there are.
func (a Args) Len() int { return a.count }

// At returns the argument number i, counted from 0, still encoded and borrowed. It panics when
// there is none. Its cost grows with what stands before it; use [Args.All] to read them in turn.
func (a Args) At(i int) Raw {
	if i < 0 || i >= a.count {
		panic("value: no such argument")
	}
	at := a.first
	for range i {
		at = skip(a.data, at)
	}
	return Raw(a.data[at:skip(a.data, at)])
}

// All yields the arguments in order with their numbers from 0, still encoded and borrowed.
func (a Args) All() iter.Seq2[int, Raw] {
	return func(yield func(int, Raw) bool) {
		at := a.first
		for i := range a.count {
			end := skip(a.data, at)
			if !yield(i, Raw(a.data[at:end])) {
				return
			}
			at = end
		}
	}
}

// Decode returns the Go forms of all arguments.
func (a Args) Decode() []any {
	list := make([]any, 0, a.count)
	for _, raw := range a.All() {
		v, _ := readAny(raw, 0)
		list = append(list, v)
	}
	return list
}
