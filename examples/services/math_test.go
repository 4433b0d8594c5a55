package services

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"
)

func TestIntegersNeverWrap(t *testing.T) {
	edges := []int64{math.MinInt64, math.MinInt64 + 1, -1 << 32, -3037000500, -3037000499, -3, -2, -1,
		0, 1, 2, 3, 3037000499, 3037000500, 1 << 32, math.MaxInt64 - 1, math.MaxInt64}
	for _, x := range edges {
		for _, y := range edges {
			product := new(big.Int).Mul(big.NewInt(x), big.NewInt(y))
			got, err := multiply(x, y)
			checkExact(t, "multiply", []int64{x, y}, got, err, product)

			total := new(big.Int).Add(big.NewInt(x), big.NewInt(y))
			got, err = sum(x, y)
			checkExact(t, "sum", []int64{x, y}, got, err, total)
		}
		got, err := square(x)
		checkExact(t, "square", []int64{x}, got, err, new(big.Int).Mul(big.NewInt(x), big.NewInt(x)))
	}
}

// checkExact wants the number itself when it fits 64 bits, and else a failure.
func checkExact(t *testing.T, method string, args []int64, got int64, err error, want *big.Int) {
	t.Helper()
	switch {
	case !want.IsInt64() && !errors.Is(err, errOverflow):
		t.Errorf("%s(%v) = %d, %v; want the failure %v", method, args, got, err, errOverflow)
	case want.IsInt64() && (err != nil || got != want.Int64()):
		t.Errorf("%s(%v) = %d, %v; want %v", method, args, got, err, want)
	}
}

func TestSumMayPassTheLimitOnItsWay(t *testing.T) {
	if got, err := sum(math.MaxInt64, 1, -1); err != nil || got != math.MaxInt64 {
		t.Errorf("sum = %d, %v; want %d", got, err, int64(math.MaxInt64))
	}
}

func TestNumbers(t *testing.T) {
	if got := add(0.5, 3); got != 3.5 {
		t.Errorf("add(0.5, 3) = %v, want 3.5", got)
	}
	if got, err := divide(1, 4); err != nil || got != 0.25 {
		t.Errorf("divide(1, 4) = %v, %v; want 0.25", got, err)
	}
	for _, x := range []float64{-1, 0, 1, math.Inf(1), math.NaN()} {
		for _, y := range []float64{0, math.Copysign(0, -1)} {
			if got, err := divide(x, y); !errors.Is(err, errDivisionByZero) {
				t.Errorf("divide(%v, %v) = %v, %v; want the failure %v", x, y, got, err, errDivisionByZero)
			}
		}
	}
}

func TestStats(t *testing.T) {
	if got, err := stats(nil); !errors.Is(err, errNoValues) {
		t.Errorf("stats of nothing = %+v, %v; want the failure %v", got, err, errNoValues)
	}
	inf, nan := math.Inf(1), math.NaN()
	tests := map[string]struct {
		values []float64
		want   summary
	}{
		"one value":       {[]float64{2.5}, summary{1, 2.5, 2.5, 2.5, 2.5}},
		"in no order":     {[]float64{3, 1, 2}, summary{3, 6, 2, 1, 3}},
		"negative ones":   {[]float64{-3, -1}, summary{2, -4, -2, -3, -1}},
		"an infinite one": {[]float64{inf, 1}, summary{2, inf, inf, 1, inf}},
		"not a number":    {[]float64{1, nan}, summary{2, nan, nan, nan, nan}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := stats(tt.values)
			if err != nil || !alike(got, tt.want) {
				t.Errorf("stats(%v) = %+v, %v; want %+v", tt.values, got, err, tt.want)
			}
		})
	}
}

// alike compares two summaries in which NaN equals NaN.
func alike(a, b summary) bool {
	same := func(x, y float64) bool { return x == y || x != x && y != y }
	return a.Count == b.Count && same(a.Sum, b.Sum) && same(a.Mean, b.Mean) && same(a.Min, b.Min) && same(a.Max, b.Max)
}

func TestSeriesIsBounded(t *testing.T) {
	for _, n := range []int64{math.MinInt64, -1, maxSeries + 1, math.MaxInt64} {
		if _, err := series(n); err == nil {
			t.Errorf("series(%d) begins, want a failure", n)
		}
	}
	for _, n := range []int64{0, 1, 5, maxSeries} {
		seq, err := series(n)
		if err != nil {
			t.Fatalf("series(%d): %v", n, err)
		}
		list := slices.Collect(seq)
		if int64(len(list)) != n {
			t.Errorf("series(%d) = %d elements", n, len(list))
		}
		for i, v := range list {
			if v != int64(i)+1 {
				t.Fatalf("series(%d)[%d] = %d, want %d", n, i, v, i+1)
			}
		}
	}
}
