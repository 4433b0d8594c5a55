package command

import (
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// envelopeShape is what came of a call, good or bad, as the contract has it.
type envelopeShape struct {
	Item      *int       `json:"item"`
	OK        bool       `json:"ok"`
	Value     value.Raw  `json:"value"`
	Error     *errorBody `json:"error"`
	Delivered string     `json:"delivered"`
	Instance  *string    `json:"instance"`
	Origin    *string    `json:"origin"`
	Elapsed   float64    `json:"elapsed_ms"` // to the microsecond
}

// envelope encodes the shape of an outcome.
func (c *call) envelope(o *outcome) (value.Raw, error) {
	shape := envelopeShape{
		Item: numberOf(o), OK: o.err == nil, Value: o.value, Delivered: wire.Yes.String(),
		Elapsed: float64(o.took.Round(time.Microsecond).Microseconds()) / 1000,
	}
	instance := o.instance
	if o.err != nil {
		shape.Error = o.err.body()
		shape.Delivered = shape.Error.Delivered
		if f := o.err.Failure; f != nil {
			instance = f.Instance
		}
	}
	if instance != (service.Address{}) {
		shape.Instance, shape.Origin = orNull(instance.String()), orNull(originOf(instance))
	}
	return value.Append(nil, shape)
}

// numberOf is the item's number, or nil for a single call.
func numberOf(o *outcome) *int {
	if o.item == 0 {
		return nil
	}
	return &o.item
}
