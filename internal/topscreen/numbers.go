package topscreen

import (
	"fmt"
	"strconv"
	"time"
)

// rateText is a rate in at most six cells, or a dash while nobody knows it.
func rateText(rate *float64) string {
	switch {
	case rate == nil:
		return "-"
	case *rate < 99.95:
		return strconv.FormatFloat(*rate, 'f', 1, 64)
	}
	return countText(uint64(*rate+0.5), 6)
}

// countText is a number in so many cells, from four up: its digits, or as many thousands,
// millions and so on.
func countText(n uint64, cells int) string {
	if digits := strconv.FormatUint(n, 10); len(digits) <= cells {
		return digits
	}
	const units = "kMGTPE"
	scaled := float64(n)
	unit := -1
	for scaled >= 999.5 {
		scaled /= 1000
		unit++
	}
	return strconv.FormatFloat(scaled, 'f', 0, 64) + units[unit:unit+1]
}

// ageText is a duration by its two largest units.
func ageText(d time.Duration) string {
	const day = 24 * time.Hour
	whole := func(unit, within time.Duration) int64 { return int64(d % within / unit) }
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, whole(time.Second, time.Minute))
	case d < day:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, whole(time.Minute, time.Hour))
	}
	return fmt.Sprintf("%dd%02dh", d/day, whole(time.Hour, day))
}
