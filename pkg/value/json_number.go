package value

import (
	"math/big"
	"strconv"
)

// number reads a number as t wants it.
func (r *jsonReader) number(t *Type) error {
	text, whole, err := r.numberText()
	if err != nil {
		return err
	}
	r.out, err = appendNumberAs(r.out, text, whole, t)
	if d, ok := err.(*DecodeError); ok {
		d.Offset = r.at
	}
	return err
}

// numberText reads by the grammar of RFC 8259, section 6. A whole number has no fraction and no
// exponent.
func (r *jsonReader) numberText() (text string, whole bool, err error) {
	from := r.at
	if r.peek() == '-' {
		r.at++
	}
	zero := r.peek() == '0'
	n := leadingDigits(r.data[r.at:])
	r.at += n
	if n == 0 || zero && n > 1 {
		return "", false, r.fail("malformed number")
	}
	whole = true
	if r.peek() == '.' {
		r.at++
		n, whole = leadingDigits(r.data[r.at:]), false
		r.at += n
	}
	if c := r.peek(); n > 0 && (c == 'e' || c == 'E') {
		r.at++
		if c := r.peek(); c == '+' || c == '-' {
			r.at++
		}
		n, whole = leadingDigits(r.data[r.at:]), false
		r.at += n
	}
	if n == 0 {
		return "", false, r.fail("malformed number")
	}
	return string(r.data[from:r.at]), whole, nil
}

// appendNumberAs encodes the text of a number as t wants it.
func appendNumberAs(dst []byte, text string, whole bool, t *Type) ([]byte, error) {
	switch t.kind() {
	case Any:
		if whole && text != "-0" {
			return appendDigits(dst, text)
		}
		return appendFloatText(dst, text)
	case Int:
		if whole {
			return appendDigits(dst, text)
		}
	case Number:
		if n, err := strconv.ParseInt(text, 10, 64); whole && (err != nil || n != int64(float64(n)) || n == 1<<63-1) {
			return appendDigits(dst, text)
		}
		return appendExact(dst, text)
	}
	got := "number "
	if whole {
		got = "int "
	}
	return dst, &TypeError{Want: t.String(), Got: got + shorten(text)}
}

// appendDigits encodes an integer of any size that has a sign at most.
func appendDigits(dst []byte, text string) ([]byte, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return appendInt(dst, n), nil
	}
	if len(text) > maxBigDigits {
		return dst, &DecodeError{Offset: -1, Reason: "integer of more than 10000 digits"}
	}
	b, _ := new(big.Int).SetString(text, 10)
	longer, err := appendBig(dst, b)
	if err != nil {
		return dst, &DecodeError{Offset: -1, Reason: err.(*EncodeError).Reason}
	}
	return longer, nil
}

func appendFloatText(dst []byte, text string) ([]byte, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return dst, &TypeError{Want: "number within the range of float64", Got: "number " + shorten(text)}
	}
	return appendFloat(dst, f), nil
}

// appendExact encodes a number as a float64 when that is the very number, by its shortest digits,
// and as a Decimal when it is not.
func appendExact(dst []byte, text string) ([]byte, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err == nil && len(text) <= 15 && !hasExponent(text) {
		return appendFloat(dst, f), nil // a float64 has at least 15 digits
	}
	exact, dErr := ParseDecimal(text)
	if dErr != nil {
		return dst, &TypeError{Want: "number within the limits", Got: "number " + shorten(text)}
	}
	if err == nil {
		if d, err := ParseDecimal(strconv.FormatFloat(f, 'g', -1, 64)); err == nil && d.equals(exact) {
			return appendFloat(dst, f), nil
		}
	}
	return appendDecimal(dst, exact)
}
