package services

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/big"

	"github.com/netsvc/netsvc/pkg/service"
)

// Math makes the service "math": multiply and square of integers, which fail where the result
// would overflow; add, divide and stats of numbers; and series, a stream of the integers from
// 1 to n. Every method changes nothing.
func Math() *service.Service {
	s := inGroup("math", "Arithmetic with integers and numbers.")
	s.Export("multiply", multiply, pure("Product of two integers.", "x", "y"))
	s.Export("add", add, pure("Sum of two numbers, as a float64.", "x", "y"))
	s.Export("divide", divide, pure("Quotient of two numbers, as a float64. Division by zero fails.", "x", "y"))
	s.Export("square", square, pure("Product of an integer and itself.", "x"))
	s.Export("stats", stats, pure("Count, sum, mean, least and greatest of at least one number.", "values"))
	s.Export("series", series, pure("The integers from 1 to n, at most 1000000 of them.", "n"))
	return s
}

var (
	errOverflow       = errors.New("integer overflow")
	errDivisionByZero = errors.New("division by zero")
	errNoValues       = errors.New("no values")
)

func multiply(x, y int64) (int64, error) {
	product := x * y
	// The division finds every overflow but one: Go says that the least integer divided by -1 is
	// itself.
	if x != 0 && (product/x != y || x == -1 && y == math.MinInt64) {
		return 0, errOverflow
	}
	return product, nil
}

func add(x, y float64) float64 { return x + y }

func divide(x, y float64) (float64, error) {
	if y == 0 {
		return 0, errDivisionByZero
	}
	return x / y, nil
}

func square(x int64) (int64, error) { return multiply(x, x) }

// summary is what stats finds out.
type summary struct {
	Count int     `netsvc:"count"`
	Sum   float64 `netsvc:"sum"`
	Mean  float64 `netsvc:"mean"`
	Min   float64 `netsvc:"min"`
	Max   float64 `netsvc:"max"`
}

func stats(values []float64) (summary, error) {
	if len(values) == 0 {
		return summary{}, errNoValues
	}
	s := summary{Count: len(values), Min: values[0], Max: values[0]}
	for _, v := range values {
		s.Sum += v
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
	}
	s.Mean = s.Sum / float64(s.Count)
	return s, nil
}

// maxSeries is more integers than fit one message of an exchange with standard limits: a long
// series can be had as a stream only.
const maxSeries = 1_000_000

func series(n int64) (iter.Seq[int64], error) {
	if n < 0 || n > maxSeries {
		return nil, fmt.Errorf("a series has 0 to %d elements, not %d", maxSeries, n)
	}
	return func(yield func(int64) bool) {
		for i := int64(1); i <= n && yield(i); i++ {
		}
	}, nil
}

// sum adds integers; only a total that does not fit overflows, however it came about.
func sum(values ...int64) (int64, error) {
	total := new(big.Int)
	for _, v := range values {
		total.Add(total, big.NewInt(v))
	}
	if !total.IsInt64() {
		return 0, errOverflow
	}
	return total.Int64(), nil
}
