package service

import (
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// decode returns the outcome in its Go form and gives the call back.
func (c *call) decode() (any, error) {
	defer c.recycle()
	if f := c.outcome(); f != nil {
		return nil, f
	}
	v, err := value.Decode(c.value)
	if err != nil {
		return nil, c.undecodable(err)
	}
	return v, nil
}

// undecodable is the failure for a result that cannot be read as what was wanted.
func (c *call) undecodable(err error) *wire.Failure {
	f := undecoded(err)
	f.Instance = c.address()
	return f
}

func undecoded(err error) *wire.Failure {
	return wire.Failf(wire.CodeDecodeValue, wire.Yes, "result: %v", err)
}

// decodeAs returns the outcome as a T and gives the call back.
func decodeAs[T any](c *call) (T, error) {
	defer c.recycle()
	var none T
	if f := c.outcome(); f != nil {
		return none, f
	}
	if v, ok := decodeScalar[T](c); ok {
		return v, nil
	}
	into := new(T)
	if err := value.Unmarshal(c.value, into); err != nil {
		return none, c.undecodable(err)
	}
	return *into, nil
}

// decodeScalar decodes the commonest results without a look at their types' codecs. It
// reports false when the result is no such scalar, or not the Go form of a T.
func decodeScalar[T any](c *call) (v T, ok bool) {
	switch any(v).(type) {
	case int64, int, float64, bool, string:
	default:
		return v, false
	}
	decoded, err := value.Decode(c.value)
	if err != nil {
		return v, false
	}
	if v, ok = decoded.(T); ok {
		return v, true
	}
	if n, isInt := decoded.(int64); isInt && int64(int(n)) == n {
		v, ok = any(int(n)).(T)
	}
	return v, ok
}
