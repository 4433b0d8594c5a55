package value

import (
	"encoding/base64"
	"math"
	"math/big"
	"strconv"
	"time"
)

// AppendJSON writes v, anything that [Append] takes, as compact JSON behind dst. Integers have all
// their digits and floats the fewest that read back the same, without a fraction when they are
// integral; NaN and the infinities are "NaN", "Infinity" and "-Infinity"; bytes are padded base64;
// times, dates and durations are their text; an [Opaque] is {"$opaque":TAG,"data":BASE64}. Maps are
// sorted by key, structs keep their order.
//
// The error is an [EncodeError]; dst then comes back as it was.
func AppendJSON(dst []byte, v any) ([]byte, error) {
	encoded, err := Append(nil, v)
	if err != nil {
		return dst, err
	}
	return AppendRawJSON(dst, encoded)
}

// AppendRawJSON is [AppendJSON] for one encoded value. Members keep the order they came in. The
// error is a [DecodeError].
func AppendRawJSON(dst, encoded []byte) ([]byte, error) {
	if err := Check(encoded); err != nil {
		return dst, err
	}
	dst, _ = writeJSON(dst, encoded, 0)
	return dst, nil
}

// writeJSON writes the checked item at data[at:] and returns where it ends.
func writeJSON(dst, data []byte, at int) ([]byte, int) {
	h, _ := readHead(data, at)
	switch h.major {
	case majorBytes:
		content, end := borrowChunks(data, h)
		return appendBase64(dst, content), end
	case majorText:
		content, end := borrowChunks(data, h)
		return appendQuoted(dst, content), end
	case majorList:
		return writeJSONList(dst, data, h)
	case majorMap:
		return writeJSONMap(dst, data, h)
	case majorTag:
		if !isKnownTag(h.arg) {
			return writeJSONOpaque(dst, data, h)
		}
	}
	v, end := readAny(data, at)
	return appendJSONScalar(dst, v), end
}

func writeJSONList(dst, data []byte, h head) ([]byte, int) {
	dst = append(dst, '[')
	at := h.next
	for n := uint64(0); more(data, h, at, n); n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst, at = writeJSON(dst, data, at)
	}
	return append(dst, ']'), after(h, at)
}

func writeJSONMap(dst, data []byte, h head) ([]byte, int) {
	dst = append(dst, '{')
	at := h.next
	for n := uint64(0); more(data, h, at, n); n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, keyAt(data, at)), ':')
		dst, at = writeJSON(dst, data, skip(data, at))
	}
	return append(dst, '}'), after(h, at)
}

func writeJSONOpaque(dst, data []byte, h head) ([]byte, int) {
	end := skip(data, h.next)
	dst = append(dst, `{"$opaque":`...)
	dst = append(strconv.AppendUint(dst, h.arg, 10), `,"data":`...)
	return append(appendBase64(dst, data[h.next:end]), '}'), end
}

func appendJSONScalar(dst []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case *big.Int:
		return v.Append(dst, 10)
	case float64:
		return appendJSONFloat(dst, v)
	case Decimal:
		return append(dst, v.String()...)
	case time.Time, LocalTime:
		return append(appendMoment(append(dst, '"'), v), '"')
	case Date:
		return append(v.append(append(dst, '"')), '"')
	case TimeOfDay:
		return append(v.append(append(dst, '"')), '"')
	case time.Duration:
		return append(append(append(dst, '"'), v.String()...), '"')
	}
	return append(dst, "null"...)
}

// appendJSONFloat writes an exponent where JavaScript would, and no padded ones: 1e-7, 1e+300.
func appendJSONFloat(dst []byte, f float64) []byte {
	size := math.Abs(f)
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	case size == 0 || size >= 1e-6 && size < 1e21:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); dst[n-4] == 'e' && dst[n-2] == '0' {
		dst = append(dst[:n-2], dst[n-1])
	}
	return dst
}

func appendBase64(dst, content []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), content), '"')
}

// appendQuoted writes a text that is valid UTF-8. Only what JSON must escape is escaped.
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = appendEscape(append(dst, text[from:i]...), c)
		from = i + 1
	}
	return append(append(dst, text[from:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
