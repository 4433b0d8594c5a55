package value

import (
	"strconv"
	"time"
)

// Date is a day of the Gregorian calendar, years 0 to 9999, without a time or a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// TimeOfDay is a time on the clock without a day or a zone: nanoseconds since midnight, less than
// 24 hours of them.
type TimeOfDay int64

// LocalTime is a date and a time of day without a zone, so no one instant. Text and wire write it
// as RFC 3339 without the offset: 2026-11-22T10:00:00.
type LocalTime struct {
	Date Date
	Time TimeOfDay
}

const (
	second = TimeOfDay(time.Second)
	minute = TimeOfDay(time.Minute)
	hour   = TimeOfDay(time.Hour)
	day    = 24 * hour
)

// ParseDate reads YYYY-MM-DD.
func ParseDate(text string) (Date, error) {
	date, ok := readDate(text)
	if !ok {
		return Date{}, &TypeError{Want: "date", Got: describeText(text)}
	}
	return date, nil
}

// ParseTimeOfDay reads hh:mm:ss with up to nine digits of fraction.
func ParseTimeOfDay(text string) (TimeOfDay, error) {
	clock, rest, ok := readClock(text)
	if !ok || rest != "" {
		return 0, &TypeError{Want: "time", Got: describeText(text)}
	}
	return clock, nil
}

// ParseDateTime reads RFC 3339 with up to nine digits of fraction. It returns a time.Time, or a
// LocalTime when the text has no zone. A leap second (:60) is refused: no Go time can hold it.
func ParseDateTime(text string) (any, error) {
	local, zone, ok := readDateTime(text)
	if !ok {
		return nil, &TypeError{Want: "datetime", Got: describeText(text)}
	}
	if zone == floating {
		return local, nil
	}
	return local.in(zone.location()), nil
}

// String writes YYYY-MM-DD.
func (d Date) String() string { return string(d.append(nil)) }

// Valid reports whether the day exists.
func (d Date) Valid() bool {
	return d.Year >= 0 && d.Year <= 9999 && d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

func (d Date) append(dst []byte) []byte {
	dst = append(appendPadded(dst, d.Year, 4), '-')
	dst = append(appendPadded(dst, int(d.Month), 2), '-')
	return appendPadded(dst, d.Day, 2)
}

// String writes hh:mm:ss, and the fraction when there is one.
func (t TimeOfDay) String() string { return string(t.append(nil)) }

// Valid reports whether t is from midnight up to, not including, 24 hours later.
func (t TimeOfDay) Valid() bool { return t >= 0 && t < day }

func (t TimeOfDay) append(dst []byte) []byte {
	dst = append(appendPadded(dst, int(t/hour), 2), ':')
	dst = append(appendPadded(dst, int(t%hour/minute), 2), ':')
	dst = appendPadded(dst, int(t%minute/second), 2)
	fraction := int(t % second)
	if fraction == 0 {
		return dst
	}
	width := 9
	for ; fraction%10 == 0; width-- {
		fraction /= 10
	}
	return appendPadded(append(dst, '.'), fraction, width)
}

// String writes RFC 3339 without an offset.
func (t LocalTime) String() string { return string(t.append(nil)) }

// Valid reports whether both parts are.
func (t LocalTime) Valid() bool { return t.Date.Valid() && t.Time.Valid() }

// In returns the instant at which clocks in loc show t.
func (t LocalTime) In(loc *time.Location) time.Time { return t.in(loc) }

func (t LocalTime) in(loc *time.Location) time.Time {
	c := t.Time
	return time.Date(t.Date.Year, t.Date.Month, t.Date.Day,
		int(c/hour), int(c%hour/minute), int(c%minute/second), int(c%second), loc)
}

func (t LocalTime) append(dst []byte) []byte {
	return t.Time.append(append(t.Date.append(dst), 'T'))
}

// localTimeOf is what the clock and the calendar show at t in its own zone.
func localTimeOf(t time.Time) LocalTime {
	year, month, d := t.Date()
	h, m, s := t.Clock()
	clock := TimeOfDay(h)*hour + TimeOfDay(m)*minute + TimeOfDay(s)*second + TimeOfDay(t.Nanosecond())
	return LocalTime{Date{year, month, d}, clock}
}

// appendPadded writes n with zeros in front up to width digits.
func appendPadded(dst []byte, n, width int) []byte {
	limit := 1
	for range width - 1 {
		limit *= 10
	}
	for ; n >= 0 && n < limit && limit > 1; limit /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
