package value

import (
	"context"
	"reflect"
	"sync"
)

// FuncOptions describes a func to those who call it. All may be left out.
type FuncOptions struct {
	Name       string              // the method's; it is not checked here
	Doc        string              // one sentence, then whatever helps
	Params     []string            // names, in order, the context not counted; default arg1, arg2, ...
	ParamDocs  []string            // in the same order; there may be fewer
	Secret     []string            // names of parameters whose values are never shown
	Enums      map[string][]string // by parameter name: the texts that fit
	ReadOnly   bool                // changes nothing
	Idempotent bool                // twice is as good as once
	Deprecated bool
}

// Func is a Go func that can be called with encoded arguments. Any number of goroutines may use it.
type Func struct {
	sig          Signature
	takesContext bool
	fails        bool // its last result is an error
	fn           reflect.Value
	params       []*codec // the context not counted
	result       *codec   // nil when there is none; of a stream, of its elements
	direct       adapter  // nil when the shape is not a common one
	hasEnum      bool
	frames       sync.Pool
}

// NewFunc makes fn callable. fn is any func whose parameters, after an optional first
// context.Context, are types that [Append] takes, the last of them perhaps variadic, and whose
// results are none, T, error, or T and error. A T that is an iter.Seq[E] or an iter.Seq2[E, error]
// makes a stream of E: see [Func.Stream]. The error says what is wrong with fn or opts.
func NewFunc(fn any, opts FuncOptions) (*Func, error) {
	f := &Func{fn: reflect.ValueOf(fn)}
	if err := f.analyse(); err != nil {
		return nil, err
	}
	if err := f.describe(opts); err != nil {
		return nil, err
	}
	if !f.hasEnum {
		f.direct = adapt(fn) // adapters know of no enums
	}
	f.frames.New = func() any { return f.newFrame() }
	return f, nil
}

// Signature returns the shape of the func. It must not be changed.
func (f *Func) Signature() *Signature { return &f.sig }

// TakesContext reports whether the func's first parameter is a context.
func (f *Func) TakesContext() bool { return f.takesContext }

// Call decodes args, an encoded list, calls the func on this goroutine, and appends its encoded
// result (nil when it has none) to dst. Nothing handed to the func shares memory with args.
//
// When the func was not called the error is a [DecodeError], an [ArityError] or a [TypeError].
// When it was, the error is a [HandlerError] with what the func returned, or a [ResultError] when
// its result cannot be encoded. dst comes back as it was on an error. A panic of the func passes
// through. The result of a stream is the list of its elements.
func (f *Func) Call(ctx context.Context, args, dst []byte) ([]byte, error) {
	h, ok := readHead(args, 0)
	if ok && f.direct != nil && h.major == majorList && h.arg == uint64(len(f.params)) && !h.open() {
		if longer, called, err := f.direct(ctx, args, h.next, dst); called {
			return outcome(dst, longer, err)
		}
	}
	return f.callByReflection(ctx, args, dst)
}

// outcome gives dst back as it was when there is an error.
func outcome(dst, longer []byte, err error) ([]byte, error) {
	if err != nil {
		return dst, err
	}
	return longer, nil
}

func (f *Func) callByReflection(ctx context.Context, args, dst []byte) ([]byte, error) {
	if f.sig.Stream {
		return f.collect(ctx, args, dst)
	}
	results, err := f.invoke(ctx, args)
	if err != nil {
		return dst, err
	}
	if f.result == nil {
		return append(dst, byteNil), nil
	}
	longer, err := f.result.append(dst, results[0])
	if err != nil {
		return dst, &ResultError{err}
	}
	return longer, nil
}

// invoke calls the func and returns its results, the error among them not an error.
func (f *Func) invoke(ctx context.Context, args []byte) ([]reflect.Value, error) {
	list, err := ReadArgs(args)
	if err != nil {
		return nil, err
	}
	if err := f.sig.checkCount(list.Len()); err != nil {
		return nil, err
	}
	frame := f.frames.Get().(*frame)
	defer frame.release(f)
	if err := frame.fill(f, ctx, list); err != nil {
		return nil, err
	}
	results := frame.call(f)
	if n := len(results); f.fails && !results[n-1].IsNil() {
		return nil, &HandlerError{results[n-1].Interface().(error)}
	}
	return results, nil
}

// append encodes v behind dst within the limits of one value.
func (c *codec) append(dst []byte, v reflect.Value) ([]byte, error) {
	if c.scalar {
		return c.encode(nil, dst, v)
	}
	e := encoders.Get().(*encoder)
	*e = encoder{}
	dst, err := c.encode(e, dst, v)
	encoders.Put(e)
	return dst, err
}
