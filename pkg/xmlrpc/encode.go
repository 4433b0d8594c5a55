package xmlrpc

import (
	"strconv"
)

const declaration = `<?xml version="1.0" encoding="UTF-8"?>`

// AppendCall appends a methodCall document to dst. The method name has to be of
// [A-Za-z0-9_.:/] only, the params are values in the forms of package value or
// anything that package encodes: structs, whose members are named by the tags
// netsvc:"name,omitempty" or else json's, pointers, slices, maps, numbers of any
// width. Nil dialect means defaults. On an error, an
// [*EncodeError], dst is returned as it was.
//
// Bigger integers, decimals, dates without time, times of day, durations and
// opaque values are written as their text. Instants lose their zone and the part
// of a second.
func AppendCall(dst []byte, method string, params []any, dialect *Dialect) ([]byte, error) {
	if !isMethodName(method) {
		return dst, &EncodeError{Reason: noMethodName(method)}
	}
	e := newEncoder(dst, dialect)
	e.write(declaration, "<methodCall><methodName>", method, "</methodName><params>")
	for i, v := range params {
		e.write("<param>")
		if err := e.value(v); err != nil {
			return dst, inside(err, "params["+strconv.Itoa(i)+"]")
		}
		e.write("</param>")
	}
	e.write("</params></methodCall>")
	return e.dst, nil
}

func noMethodName(method string) string {
	return shown([]byte(method)) + " cannot be a method name in XML-RPC"
}

// AppendResponse appends a methodResponse document that carries v to dst. All
// else is as in [AppendCall]; the path of an error begins with result.
func AppendResponse(dst []byte, v any, dialect *Dialect) ([]byte, error) {
	e := newEncoder(dst, dialect)
	e.write(declaration, "<methodResponse><params><param>")
	if err := e.value(v); err != nil {
		return dst, inside(err, "result")
	}
	e.write("</param></params></methodResponse>")
	return e.dst, nil
}

// AppendFault appends a methodResponse document that carries a fault to dst.
// Characters that XML cannot carry are replaced, so it cannot fail.
func AppendFault(dst []byte, f *Fault) []byte {
	dst = append(dst, declaration+"<methodResponse><fault>"...)
	dst = appendFaultValue(dst, f)
	return append(dst, "</fault></methodResponse>"...)
}

// appendFaultValue appends the value of a fault, which also stands for a failed
// call in the answer of system.multicall.
func appendFaultValue(dst []byte, f *Fault, further ...[2]string) []byte {
	dst = append(dst, "<value><struct><member><name>faultCode</name><value><int>"...)
	dst = strconv.AppendInt(dst, int64(f.Code), 10)
	dst = append(dst, "</int></value></member><member><name>faultString</name><value><string>"...)
	dst, _ = appendText(dst, f.String, true)
	dst = append(dst, "</string></value></member>"...)
	for _, member := range further {
		dst = append(dst, "<member><name>"+member[0]+"</name><value><string>"...)
		dst, _ = appendText(dst, member[1], true)
		dst = append(dst, "</string></value></member>"...)
	}
	return append(dst, "</struct></value>"...)
}
