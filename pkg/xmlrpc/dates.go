package xmlrpc

import (
	"bytes"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// dateTime reads an ISO 8601 date in the forms senders use. Without a zone it is
// a value.LocalTime unless a zone is to be assumed, else a time.Time.
func (d *decoder) dateTime(name string) (any, error) {
	text, err := d.word(name, d.limits.NumberChars)
	if err != nil {
		return nil, err
	}
	t, err := value.ParseDateTime(string(rfc3339(text)))
	if err != nil {
		return nil, d.unreadable(name, text)
	}
	if local, ok := t.(value.LocalTime); ok && d.zone != nil {
		return local.In(d.zone), nil
	}
	return t, nil
}

// rfc3339 puts the separators into a date that its sender left out. It returns
// nil when the text has not the shape of a date; whether digits stand where
// they must is left to the parser.
func rfc3339(text []byte) []byte {
	date, rest := separated(text, '-', 4)
	if date == nil || len(rest) == 0 || rest[0] != 'T' {
		return nil
	}
	clock, rest := separated(rest[1:], ':', 2)
	if clock == nil {
		return nil
	}
	fraction, zone := cutFraction(rest)
	zone, ok := spelledZone(zone)
	if !ok {
		return nil
	}
	return bytes.Join([][]byte{date, {'T'}, clock, fraction, zone}, nil)
}

// separated cuts three numbers off text, the first of width digits, the others
// of two, and joins them with sep. They may be joined so already.
func separated(text []byte, sep byte, width int) (joined, rest []byte) {
	n := width + 2 + 2
	if len(text) > width && text[width] == sep {
		n += 2
		if len(text) < n || text[width+3] != sep {
			return nil, nil
		}
		return text[:n], text[n:]
	}
	if len(text) < n {
		return nil, nil
	}
	parts := [][]byte{text[:width], text[width : width+2], text[width+2 : n]}
	return bytes.Join(parts, []byte{sep}), text[n:]
}

// cutFraction cuts a fraction of a second off text, without zeros at its end that
// are finer than a nanosecond.
func cutFraction(text []byte) (fraction, rest []byte) {
	if len(text) == 0 || text[0] != '.' {
		return nil, text
	}
	rest = skipDigits(text[1:])
	fraction = text[:len(text)-len(rest)]
	const nanoseconds = len(".123456789")
	for len(fraction) > nanoseconds && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	return fraction, rest
}

// spelledZone returns a zone with its colon. It reports false for what is no
// zone: empty, Z, +hh:mm and +hhmm are.
func spelledZone(text []byte) ([]byte, bool) {
	switch {
	case len(text) == 0 || string(text) == "Z":
		return text, true
	case text[0] != '+' && text[0] != '-':
		return nil, false
	case len(text) == len("+hhmm"):
		return bytes.Join([][]byte{text[:3], text[3:]}, []byte{':'}), true
	}
	return text, len(text) == len("+hh:mm")
}

// instant writes a moment in UTC, cut to the second.
func (e *encoder) instant(t time.Time) error {
	t = t.UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		return refuse("the year %d is not representable", t.Year())
	}
	e.write("<dateTime.iso8601>")
	e.dst = t.AppendFormat(e.dst, "20060102T15:04:05")
	if e.dialect.DateZ {
		e.write("Z")
	}
	e.write("</dateTime.iso8601>")
	return nil
}

// floating writes a date without a zone as it is.
func (e *encoder) floating(t value.LocalTime) error {
	if !t.Valid() {
		return refuse("%v is no date", t)
	}
	e.write("<dateTime.iso8601>")
	e.dst = t.In(time.UTC).AppendFormat(e.dst, "20060102T15:04:05")
	e.write("</dateTime.iso8601>")
	return nil
}
