package xmlrpc

import (
	"encoding/base64"
	"math"
	"math/big"
	"strconv"

	"github.com/netsvc/netsvc/pkg/value"
)

// word reads a leaf that holds one word, without the blanks around it. The
// length is checked here, before anything is parsed.
func (d *decoder) word(name string, limit int) ([]byte, error) {
	text, err := d.leaf(name)
	if err != nil {
		return nil, err
	}
	text = trim(text)
	if len(text) > limit {
		return nil, d.overLimit("<"+name+"> is too long", limit)
	}
	return text, nil
}

// unreadable refuses a word that is no such thing.
func (d *decoder) unreadable(name string, text []byte) error {
	return d.fail(CodeInvalidRequest, "%s does not read as <%s>", shown(text), name)
}

func (d *decoder) integer(name string, bits int) (any, error) {
	text, err := d.word(name, d.limits.NumberChars)
	if err != nil {
		return nil, err
	}
	n, ok := parseInt(text)
	if beyond := n >> (bits - 1); !ok || (beyond != 0 && beyond != -1) {
		return nil, d.unreadable(name, text)
	}
	return n, nil
}

// parseInt reads an optional sign and decimal digits. It reports false for
// anything else and for numbers beyond 64 bits.
func parseInt(text []byte) (int64, bool) {
	digits := text
	if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
		digits = digits[1:]
	}
	if len(digits) == 0 {
		return 0, false
	}
	limit := uint64(math.MaxInt64)
	if text[0] == '-' {
		limit++
	}
	var n uint64
	for _, b := range digits {
		digit := uint64(b - '0')
		if digit > 9 || n > (limit-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	if text[0] == '-' {
		return -int64(n), true
	}
	return int64(n), true
}

func (d *decoder) boolean() (any, error) {
	text, err := d.word("boolean", d.limits.NumberChars)
	if err != nil {
		return nil, err
	}
	switch string(text) {
	case "1", "true":
		return true, nil
	case "0", "false":
		return false, nil
	}
	return nil, d.unreadable("boolean", text)
}

func (d *decoder) null() (any, error) {
	text, err := d.leaf("nil")
	if err != nil {
		return nil, err
	}
	if text = trim(text); len(text) > 0 {
		return nil, d.unreadable("nil", text)
	}
	return nil, nil
}

// double reads a number with a point or an exponent, or neither. Infinity and
// not-a-number do not exist in XML-RPC.
func (d *decoder) double(name string) (any, error) {
	text, err := d.word(name, d.limits.NumberChars)
	if err != nil {
		return nil, err
	}
	if !isDecimal(text) {
		return nil, d.unreadable(name, text)
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return nil, d.unreadable(name, text)
	}
	return f, nil
}

// isDecimal reports whether text has the shape [+-]digits[.digits][e[+-]digits],
// where one side of the point may be empty.
func isDecimal(text []byte) bool {
	text = skipSign(text)
	whole := skipDigits(text)
	digits := len(text) - len(whole)
	if len(whole) > 0 && whole[0] == '.' {
		rest := skipDigits(whole[1:])
		digits += len(whole) - 1 - len(rest)
		whole = rest
	}
	if digits == 0 || len(whole) == 0 {
		return digits > 0
	}
	if whole[0] != 'e' && whole[0] != 'E' {
		return false
	}
	exponent := skipSign(whole[1:])
	return len(exponent) > 0 && len(skipDigits(exponent)) == 0
}

func skipSign(text []byte) []byte {
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}

func skipDigits(text []byte) []byte {
	for len(text) > 0 && text[0] >= '0' && text[0] <= '9' {
		text = text[1:]
	}
	return text
}

func (d *decoder) bigInteger() (any, error) {
	text, err := d.word("biginteger", d.limits.BigNumberChars)
	if err != nil {
		return nil, err
	}
	if digits := skipSign(text); len(digits) == 0 || len(skipDigits(digits)) > 0 {
		return nil, d.unreadable("biginteger", text)
	}
	n, _ := new(big.Int).SetString(string(text), 10)
	return n, nil
}

func (d *decoder) bigDecimal() (any, error) {
	text, err := d.word("bigdecimal", d.limits.BigNumberChars)
	if err != nil {
		return nil, err
	}
	n, err := value.ParseDecimal(string(text))
	if err != nil {
		return nil, d.unreadable("bigdecimal", text)
	}
	return n, nil
}

func (d *decoder) base64() (any, error) {
	text, err := d.leaf("base64")
	if err != nil {
		return nil, err
	}
	text = d.withoutBlanks(text)
	data := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(data, text)
	if err != nil {
		return nil, d.unreadable("base64", text)
	}
	return data[:n], nil
}

// withoutBlanks returns text without any blanks. The result may stand in the
// scratch, even when text does already: it never gets ahead of what is read.
func (r *reader) withoutBlanks(text []byte) []byte {
	first := 0
	for first < len(text) && classes[text[first]]&classBlank == 0 {
		first++
	}
	if first == len(text) {
		return text
	}
	r.scratch = append(r.scratch[:0], text[:first]...)
	for _, b := range text[first:] {
		if classes[b]&classBlank == 0 {
			r.scratch = append(r.scratch, b)
		}
	}
	return r.scratch
}
