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
	f := wire.Failf(wire.CodeDecodeValue, wire.Yes, "result: %v", err)
	f.Instance = c.address()
	return f
}

// decodeAs returns the outcome as a T and gives the call back.
func decodeAs[T any](c *call) (T, error) {
	defer c.recycle()
	var none T
	if f := c.outcome(); f != nil {
		return none, f
	}
	if v, ok, err := decodeScalar[T](c); ok {
		return v, err
	}
	into := new(T)
	if err := value.Unmarshal(c.value, into); err != nil {
		return none, c.undecodable(err)
	}
	return *into, nil
}

// scalars is room to decode results of the commonest types into without allocating.
type scalars struct {
	int64   int64
	int     int
	float64 float64
	bool    bool
	string  string
}

// decodeScalar decodes into the call's own room. It reports false when T is another type.
func decodeScalar[T any](c *call) (v T, ok bool, err error) {
	switch any(v).(type) {
	case int64:
		return scalar[T](c, &c.scalars.int64)
	case int:
		return scalar[T](c, &c.scalars.int)
	case float64:
		return scalar[T](c, &c.scalars.float64)
	case bool:
		return scalar[T](c, &c.scalars.bool)
	case string:
		return scalar[T](c, &c.scalars.string)
	}
	return v, false, nil
}

// scalar decodes into room of a scalar type S, which is T.
func scalar[T, S any](c *call, room *S) (v T, ok bool, err error) {
	var zero S
	*room = zero
	if err := value.Unmarshal(c.value, room); err != nil {
		return v, true, c.undecodable(err)
	}
	v, _ = any(*room).(T)
	*room = zero
	return v, true, nil
}
