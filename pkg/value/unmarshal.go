package value

import (
	"fmt"
	"reflect"
)

// Unmarshal decodes exactly one value into what into points to, by the rules of [Append] turned
// round. Integers are checked against the width of a Go integer and never come from floats; a
// float takes any number. Map keys that a struct does not have are ignored, fields that the map
// does not have stay as they are. nil fits pointers and any only.
//
// Bytes that break a rule of [Check] are a [DecodeError], a value that does not fit is a
// [TypeError]; what into points to may then be half filled.
func Unmarshal(data []byte, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("value: Unmarshal wants a pointer that is not nil, got %T", into)
	}
	if err := Check(data); err != nil {
		return err
	}
	target = target.Elem()
	_, err := codecOf(target.Type()).decode(data, 0, target)
	return err
}
