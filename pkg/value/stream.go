package value

import (
	"context"
	"reflect"
)

// Stream calls a func whose result is a stream, as Call does, and hands each of its elements,
// encoded, to send, which must not keep it. The stream ends where the func ends it, with the first
// error it yields (a [HandlerError]), with an element that cannot be encoded (a [ResultError]), or
// with an error of send, which is returned as it is. It panics when the func is no stream, and with
// a [StreamPanic] when the func panics after its stream has ended.
func (f *Func) Stream(ctx context.Context, args []byte, send func(element []byte) error) error {
	if !f.sig.Stream {
		panic("value: " + f.sig.Name + " is no stream")
	}
	results, err := f.invoke(ctx, args)
	if err != nil || results[0].IsNil() {
		return err
	}
	var element []byte
	deliver := func(v reflect.Value) error {
		var err error
		if element, err = f.result.append(element[:0], v); err != nil {
			return &ResultError{err}
		}
		return send(element)
	}
	var ended error
	defer func() {
		if ended == nil {
			return
		}
		if p := recover(); p != nil {
			panic(&StreamPanic{ended, p})
		}
	}()
	if results[0].Type().CanSeq2() {
		eachOrError(results[0], deliver, &ended)
	} else {
		each(results[0], deliver, &ended)
	}
	return ended
}

// each ranges over an iter.Seq. What ends it is noted before the func can go on.
func each(seq reflect.Value, deliver func(reflect.Value) error, ended *error) {
	for v := range seq.Seq() {
		if *ended = deliver(v); *ended != nil {
			return
		}
	}
}

// eachOrError is each for an iter.Seq2 of elements and errors.
func eachOrError(seq reflect.Value, deliver func(reflect.Value) error, ended *error) {
	for v, failed := range seq.Seq2() {
		if failed.IsNil() {
			*ended = deliver(v)
		} else {
			*ended = &HandlerError{failed.Interface().(error)}
		}
		if *ended != nil {
			return
		}
	}
}

// collect calls a stream and appends the list of its elements.
func (f *Func) collect(ctx context.Context, args, dst []byte) ([]byte, error) {
	var elements []byte
	count := 0
	err := f.Stream(ctx, args, func(element []byte) error {
		if count == MaxElements {
			return &ResultError{&EncodeError{Reason: "more than 1000000 elements"}}
		}
		elements = append(elements, element...)
		count++
		return nil
	})
	if err != nil {
		return dst, err
	}
	return AppendList(dst, count, elements), nil
}

// AppendList appends the list of count elements that are encoded already, one behind the other.
// They are not checked.
func AppendList(dst []byte, count int, elements []byte) []byte {
	return append(appendHead(dst, majorList, uint64(count)), elements...)
}

// elementOf returns the type of the elements of an iter.Seq[E] or an iter.Seq2[E, error], or nil
// for any other type.
func elementOf(t reflect.Type) reflect.Type {
	if t.Kind() != reflect.Func || t.NumIn() != 1 || t.NumOut() != 0 || t.In(0).Kind() != reflect.Func {
		return nil
	}
	yield := t.In(0)
	if yield.NumOut() != 1 || yield.Out(0).Kind() != reflect.Bool || yield.IsVariadic() {
		return nil
	}
	n := yield.NumIn()
	if n == 1 || n == 2 && yield.In(1) == errorType {
		return yield.In(0)
	}
	return nil
}
