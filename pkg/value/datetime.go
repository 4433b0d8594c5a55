package value

import "time"

// zone is an offset from UTC in minutes, or floating.
type zone int

const floating zone = 1 << 20

// maxZone is the largest offset RFC 3339 can write: 23:59.
const maxZone = 24*60 - 1

func (z zone) location() *time.Location {
	if z == 0 {
		return time.UTC
	}
	return time.FixedZone("", int(z)*60)
}

func (z zone) append(dst []byte) []byte {
	sign := byte('+')
	switch {
	case z == floating:
		return dst
	case z == 0:
		return append(dst, 'Z')
	case z < 0:
		sign, z = '-', -z
	}
	h, m := byte(z/60), byte(z%60)
	return append(dst, sign, '0'+h/10, '0'+h%10, ':', '0'+m/10, '0'+m%10)
}

// zonedOf splits t into what travels. An offset with odd seconds, as zones had before there were
// time zones, is cut to the minute; the instant stays the same.
func zonedOf(t time.Time) (LocalTime, zone) {
	_, offset := t.Zone()
	z := zone(offset / 60)
	if offset%60 != 0 {
		t = t.In(z.location())
	}
	return localTimeOf(t), z
}

// readDateTime reads RFC 3339, with or without an offset.
func readDateTime[S string | []byte](s S) (LocalTime, zone, bool) {
	if len(s) < len("2006-01-02T15:04:05") || s[10] != 'T' && s[10] != 't' {
		return LocalTime{}, 0, false
	}
	date, ok := readDate(s[:10])
	if !ok {
		return LocalTime{}, 0, false
	}
	clock, rest, ok := readClock(s[11:])
	if !ok {
		return LocalTime{}, 0, false
	}
	z, ok := readZone(rest)
	return LocalTime{date, clock}, z, ok
}

func readDate[S string | []byte](s S) (Date, bool) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return Date{}, false
	}
	year, ok1 := readDigits(s[:4])
	month, ok2 := readDigits(s[5:7])
	d, ok3 := readDigits(s[8:])
	date := Date{year, time.Month(month), d}
	return date, ok1 && ok2 && ok3 && date.Valid()
}

// readClock reads hh:mm:ss[.fraction] and returns what follows it.
func readClock[S string | []byte](s S) (t TimeOfDay, rest S, ok bool) {
	if len(s) < len("15:04:05") || s[2] != ':' || s[5] != ':' {
		return 0, rest, false
	}
	h, ok1 := readDigits(s[:2])
	m, ok2 := readDigits(s[3:5])
	sec, ok3 := readDigits(s[6:8])
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || sec > 59 {
		return 0, rest, false
	}
	fraction, rest, ok := readFraction(s[8:])
	return TimeOfDay(h)*hour + TimeOfDay(m)*minute + TimeOfDay(sec)*second + fraction, rest, ok
}

func readFraction[S string | []byte](s S) (t TimeOfDay, rest S, ok bool) {
	if len(s) == 0 || s[0] != '.' {
		return 0, s, true
	}
	s = s[1:]
	n := leadingDigits(s)
	if n == 0 || n > 9 {
		return 0, rest, false
	}
	v, _ := readDigits(s[:n])
	for range 9 - n {
		v *= 10
	}
	return TimeOfDay(v), s[n:], true
}

func readZone[S string | []byte](s S) (zone, bool) {
	switch {
	case len(s) == 0:
		return floating, true
	case len(s) == 1 && (s[0] == 'Z' || s[0] == 'z'):
		return 0, true
	case len(s) != len("+07:00") || s[0] != '+' && s[0] != '-' || s[3] != ':':
		return 0, false
	}
	h, ok1 := readDigits(s[1:3])
	m, ok2 := readDigits(s[4:])
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, false
	}
	if s[0] == '-' {
		return -zone(h*60 + m), true
	}
	return zone(h*60 + m), true
}

func readDigits[S string | []byte](s S) (int, bool) {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
