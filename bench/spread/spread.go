// Package spread says what the rounds of a measurement found: the median, and between what.
package spread

import "slices"

// Spread is a figure over the rounds.
type Spread struct{ Median, Least, Most float64 }

// Of is the spread of values, of which there must be one at least. The median of an even
// number of them lies between the two in the middle.
func Of(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return Spread{Median: median, Least: sorted[0], Most: sorted[len(sorted)-1]}
}

// Ratios is the spread of a over b, each divided within its round. Both have as many rounds.
func Ratios(a, b []float64) Spread {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	return Of(ratios)
}
