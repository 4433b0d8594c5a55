package value

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is an exact decimal number, Mantissa times ten to the power of Exponent. A nil Mantissa
// is 0. Digits are kept as they were given: 1.50 and 1.5 are equal numbers, but not equal Decimals.
type Decimal struct {
	Mantissa *big.Int
	Exponent int32
}

// maxPlainZeros is how many zeros String pads with before it writes an exponent instead, so that a
// short message cannot unfold into a long text.
const maxPlainZeros = 64

// ParseDecimal reads digits with an optional sign, point and exponent, as in "-12.50" or "3e-7".
func ParseDecimal(text string) (Decimal, error) {
	if len(text) > maxBigDigits || !isNumber(text) {
		return Decimal{}, &TypeError{Want: "number", Got: describeText(text)}
	}
	digits, power, err := splitExponent(text)
	if err != nil {
		return Decimal{}, err
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	mantissa, ok := new(big.Int).SetString(whole+fraction, 10)
	exponent := power - int64(len(fraction))
	if !ok || exponent != int64(int32(exponent)) || mantissa.BitLen() > 8*MaxBigBytes {
		return Decimal{}, &TypeError{Want: "number", Got: describeText(text)}
	}
	return Decimal{mantissa, int32(exponent)}, nil
}

func splitExponent(text string) (digits string, power int64, err error) {
	if !hasExponent(text) {
		return text, 0, nil
	}
	at := strings.IndexAny(text, "eE")
	power, err = strconv.ParseInt(text[at+1:], 10, 32)
	if err != nil {
		return "", 0, &TypeError{Want: "number", Got: describeText(text)}
	}
	return text[:at], power, nil
}

// String writes the number as digits, or with an exponent where that would take more than 64 zeros.
func (d Decimal) String() string {
	if d.Exponent > 0 && (d.Mantissa == nil || d.Mantissa.Sign() == 0) {
		return "0" // 00 would not be a number
	}
	digits, sign := "0", ""
	if d.Mantissa != nil {
		digits = d.Mantissa.String()
	}
	if digits[0] == '-' {
		digits, sign = digits[1:], "-"
	}
	zeros := int64(d.Exponent)
	if zeros < 0 {
		zeros = -zeros - int64(len(digits))
	}
	switch {
	case zeros > maxPlainZeros:
		return fmt.Sprintf("%s%se%+d", sign, digits, d.Exponent)
	case d.Exponent >= 0:
		return sign + digits + strings.Repeat("0", int(d.Exponent))
	case zeros >= 0:
		return sign + "0." + strings.Repeat("0", int(zeros)) + digits
	}
	point := len(digits) + int(d.Exponent)
	return sign + digits[:point] + "." + digits[point:]
}

// Float64 returns the nearest float64, infinite when the number is out of range.
func (d Decimal) Float64() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

// equals reports whether both are the same number, whatever their digits.
func (d Decimal) equals(other Decimal) bool {
	digits, exponent := d.shortest()
	otherDigits, otherExponent := other.shortest()
	return digits == otherDigits && (digits == "" || exponent == otherExponent)
}

// shortest returns the digits without zeros at the end, none for 0, and the exponent that makes.
func (d Decimal) shortest() (digits string, exponent int) {
	if d.Mantissa == nil || d.Mantissa.Sign() == 0 {
		return "", 0
	}
	all := d.Mantissa.String()
	digits = strings.TrimRight(all, "0")
	return digits, int(d.Exponent) + len(all) - len(digits)
}

func hasExponent(text string) bool { return strings.ContainsAny(text, "eE") }

// isNumber reports whether text has the shape [+-]digits[.digits][e[+-]digits], where one side of
// the point may be empty.
func isNumber(text string) bool {
	rest := strings.TrimLeft(text, "+-")
	if len(text)-len(rest) > 1 {
		return false
	}
	whole := leadingDigits(rest)
	rest = rest[whole:]
	fraction := 0
	if strings.HasPrefix(rest, ".") {
		fraction = leadingDigits(rest[1:])
		rest = rest[1+fraction:]
	}
	if whole+fraction == 0 {
		return false
	}
	return rest == "" || isExponent(rest)
}

func isExponent(text string) bool {
	if text[0] != 'e' && text[0] != 'E' {
		return false
	}
	text = text[1:]
	if text != "" && (text[0] == '+' || text[0] == '-') {
		text = text[1:]
	}
	return text != "" && leadingDigits(text) == len(text)
}

func leadingDigits[S string | []byte](s S) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlphanumeric(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
