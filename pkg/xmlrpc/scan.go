package xmlrpc

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/netsvc/netsvc/pkg/value"
)

// Scan puts a value as [DecodeCall] and [DecodeResponse] return it into what into points to: a
// struct, map, slice, pointer, number of any width, text, or any, by the rules of
// [value.Unmarshal]. Fields of structs have the names of their tags, `netsvc:"name"`, else
// json's; members that a struct has no field for are ignored, fields without a member stay as
// they are. What does not fit is a [*value.TypeError] with the path to it, as in items[3].id,
// and what into points to may then be half filled.
//
// What XML-RPC has no type for is written as text, and is read from it: durations, dates, times of
// day, integers beyond 64 bits, and decimals, whose text fits any number with a fraction. Where a
// struct contains itself that holds for the outermost. A date without a zone fits value.LocalTime;
// for a time.Time set DecodeOptions.AssumeZone.
func Scan(v, into any) error { return scan("", v, into) }

// Scan puts the arguments, in their order, into what into points to, each as [Scan] does. Another
// number of arguments is a [*value.ArityError]; the path of any other error begins with
// params[N]. A server answers either with [CodeBadParams].
func (c *Call) Scan(into ...any) error {
	if len(into) != len(c.Params) {
		return &value.ArityError{Want: len(into), Got: len(c.Params)}
	}
	for i, v := range c.Params {
		if err := scan("params["+strconv.Itoa(i)+"]", v, into[i]); err != nil {
			return err
		}
	}
	return nil
}

// scan says in an error that v stands at path.
func scan(path string, v, into any) error {
	if target, ok := into.(*any); ok && target != nil {
		*target = v
		return nil
	}
	encoded, err := value.Marshal(restoredFor(into, v))
	if err != nil {
		return fmt.Errorf("xmlrpc: a value that cannot be scanned: %w", err)
	}
	err = value.Unmarshal(encoded, into)
	var misfit *value.TypeError
	if path != "" && errors.As(err, &misfit) {
		known := *misfit
		known.Path = joinPath(path, misfit.Path)
		return &known
	}
	return err
}
