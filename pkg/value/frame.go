package value

import (
	"context"
	"reflect"
)

// frame is where the arguments of one call by reflection stand. Frames are used again, so that a
// call takes no memory for them; what the func gets is a copy.
type frame struct {
	in  []reflect.Value  // can be set; the context, if the func takes one, comes first
	ctx *context.Context // what in[0] stands for then
}

func (f *Func) newFrame() *frame {
	t := f.fn.Type()
	in := make([]reflect.Value, t.NumIn())
	for i := range in {
		in[i] = reflect.New(t.In(i)).Elem()
	}
	r := &frame{in: in}
	if f.takesContext {
		r.ctx = in[0].Addr().Interface().(*context.Context)
	}
	return r
}

// fill decodes the arguments, whose number is right, into the frame.
func (r *frame) fill(f *Func, ctx context.Context, list Args) error {
	in := r.in
	if f.takesContext {
		*r.ctx = ctx
		in = in[1:]
	}
	last := len(in) - 1
	at := list.first
	for i := range list.count {
		slot := in[min(i, last)]
		if f.sig.Variadic && i >= last {
			if i == last {
				slot.Set(reflect.MakeSlice(slot.Type(), list.count-last, list.count-last))
			}
			slot = slot.Index(i - last)
		}
		end, err := f.params[min(i, last)].decode(list.data, at, slot)
		if err != nil {
			return f.sig.blame(i, err)
		}
		at = end
	}
	return f.checkEnums(list)
}

// checkEnums reports an argument that is not one of the texts its parameter allows.
func (f *Func) checkEnums(list Args) error {
	if !f.hasEnum {
		return nil
	}
	for i, raw := range list.All() {
		if t := f.sig.param(i).Type; t.kind() == Text && t.Enum != nil {
			if _, err := t.fits(raw, 0); err != nil {
				return f.sig.blame(i, err)
			}
		}
	}
	return nil
}

func (r *frame) call(f *Func) []reflect.Value {
	if f.sig.Variadic {
		return f.fn.CallSlice(r.in)
	}
	return f.fn.Call(r.in)
}

// release forgets the arguments, which may be large, and puts the frame back.
func (r *frame) release(f *Func) {
	for _, slot := range r.in {
		slot.SetZero()
	}
	f.frames.Put(r)
}
