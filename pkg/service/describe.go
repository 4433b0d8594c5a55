package service

import (
	"context"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Describe asks for the instances and methods of a name or an address, in one round trip.
// The failure is no_service when nobody has it.
func (c *Conn) Describe(ctx context.Context, target string) (*Description, error) {
	if _, _, ok := wire.ParseTarget(target); !ok {
		return nil, noTarget(target)
	}
	s := c.session.Load()
	if s == nil {
		return nil, c.unreachable()
	}
	m, err := s.askAndWait(ctx, &wire.Describe{Target: target})
	if err != nil {
		return nil, err
	}
	d, ok := m.(*wire.Described)
	if !ok {
		return nil, wire.Failf(wire.CodeUnknown, wire.No, "the exchange did not describe %s", target)
	}
	out := &Description{Total: int(d.Total), Hash: d.Hash}
	for i := range d.Infos {
		out.Infos = append(out.Infos, infoOf(s.origin, &d.Infos[i]))
	}
	if len(d.Methods) > 0 {
		if out.Methods, err = value.DecodeMethods(d.Methods); err != nil {
			return nil, wire.Failf(wire.CodeDecodeValue, wire.No, "signatures of %s: %v", target, err)
		}
	}
	return out, nil
}
