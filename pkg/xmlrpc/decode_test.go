package xmlrpc_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

const apache = `xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"`

// echo is a call with one argument.
func echo(content string) string {
	return "<methodCall><methodName>t.echo</methodName><params><param><value>" + content +
		"</value></param></params></methodCall>"
}

func array(contents ...string) string {
	return "<array><data><value>" + strings.Join(contents, "</value><value>") + "</value></data></array>"
}

func decodeEcho(t *testing.T, content string) any {
	t.Helper()
	call, err := xmlrpc.DecodeCall([]byte(echo(content)), "", nil)
	if err != nil {
		t.Fatalf("DecodeCall(%s): %v", content, err)
	}
	if call.Method != "t.echo" || len(call.Params) != 1 {
		t.Fatalf("DecodeCall(%s) = %+v", content, call)
	}
	return call.Params[0]
}

func TestDecodeValues(t *testing.T) {
	big1024, _ := new(big.Int).SetString(strings.Repeat("9", 1024), 10)
	east := time.FixedZone("", 5*3600+1800)
	tests := map[string]struct {
		content string
		want    any
	}{
		"an int with a sign":                 {"<int>+7</int>", int64(7)},
		"an int with leading zeros":          {"<int>-007</int>", int64(-7)},
		"an int of 64 bits":                  {"<int>5000000000</int>", int64(5000000000)},
		"the least i8":                       {"<i8>-9223372036854775808</i8>", int64(math.MinInt64)},
		"the greatest i8":                    {"<i8>9223372036854775807</i8>", int64(math.MaxInt64)},
		"an i1":                              {"<i1>-128</i1>", int64(-128)},
		"an i2 of Apache":                    {"<ex:i2 " + apache + ">32767</ex:i2>", int64(32767)},
		"an extension by default namespace":  {`<i8 xmlns="http://ws.apache.org/xmlrpc/namespaces/extensions">1</i8>`, int64(1)},
		"an extension by another prefix":     {`<q:i8 xmlns:q="http&#58;//ws.apache.org/xmlrpc/namespaces/extensions">1</q:i8>`, int64(1)},
		"an empty default namespace":         {`<i8 xmlns="">1</i8>`, int64(1)},
		"an undeclared ex":                   {"<ex:i8>1</ex:i8>", int64(1)},
		"nil":                                {"<nil></nil>", nil},
		"nil with a blank":                   {"<nil> </nil>", nil},
		"a float":                            {"<float>1.5</float>", 1.5},
		"a double without digits before":     {"<double>.5</double>", 0.5},
		"a double without digits after":      {"<double>5.</double>", 5.0},
		"a double with an exponent":          {"<double>-1E-3</double>", -0.001},
		"a minus zero":                       {"<double>-0.0</double>", math.Copysign(0, -1)},
		"a boolean word":                     {"<boolean> true </boolean>", true},
		"a biginteger":                       {"<ex:biginteger>" + strings.Repeat("9", 1024) + "</ex:biginteger>", big1024},
		"a bigdecimal":                       {"<ex:bigdecimal>-12.50</ex:bigdecimal>", value.Decimal{Mantissa: big.NewInt(-1250), Exponent: -2}},
		"a string split in every way":        {"<string> a<!-- x -->b<?p?><![CDATA[<]]>&amp;</string>", " ab<&"},
		"a string of blanks":                 {"<string> \t\n</string>", " \t\n"},
		"a string of base64":                 {"<base64> SGV\r\n s\tbG8= </base64>", []byte("Hello")},
		"base64 in two pieces":               {"<base64>SGVs<!-- x -->bG8=</base64>", []byte("Hello")},
		"a date with dashes":                 {"<dateTime.iso8601>2024-02-29T00:00:00</dateTime.iso8601>", local(2024, 2, 29, 0)},
		"a date without colons":              {"<dateTime.iso8601> 20240229T010000 </dateTime.iso8601>", local(2024, 2, 29, time.Hour)},
		"a date with a fraction":             {"<dateTime.iso8601>20240229T00:00:00.5000000000000</dateTime.iso8601>", local(2024, 2, 29, 500*time.Millisecond)},
		"a date in UTC":                      {"<dateTime.iso8601>20240229T00:00:00Z</dateTime.iso8601>", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		"a date with a zone without a colon": {"<ex:dateTime>2024-02-29T00:00:00+0530</ex:dateTime>", time.Date(2024, 2, 29, 0, 0, 0, 0, east)},
		"an array in an array":               {array(array(" x "), "<i4>1</i4>"), []any{[]any{" x "}, int64(1)}},
		"a member with a value before it":    {"<struct><member><value>1</value><name> a </name></member></struct>", map[string]any{" a ": "1"}},
		"a member without a name":            {"<struct><member><name/><value/></member></struct>", map[string]any{"": ""}},
		"blanks everywhere":                  {" <array> <data> <value> <int> 1 </int> </value> </data> </array> ", []any{int64(1)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := decodeEcho(t, test.content)
			if f, ok := test.want.(float64); ok {
				if g, ok := got.(float64); !ok || math.Float64bits(g) != math.Float64bits(f) {
					t.Errorf("got %#v, want %#v", got, test.want)
				}
				return
			}
			if !equal(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

func local(year int, month time.Month, day int, clock time.Duration) value.LocalTime {
	return value.LocalTime{Date: value.Date{Year: year, Month: month, Day: day}, Time: value.TimeOfDay(clock)}
}

// equal is reflect.DeepEqual, with instants compared by what they show.
func equal(got, want any) bool {
	g, ok1 := got.(time.Time)
	w, ok2 := want.(time.Time)
	if ok1 && ok2 {
		return g.Format(time.RFC3339Nano) == w.Format(time.RFC3339Nano)
	}
	return reflect.DeepEqual(got, want)
}

func TestDecodeRefuses(t *testing.T) {
	tests := map[string]struct {
		content, path, reason string
	}{
		"an int with blanks inside":     {"<int>1 2</int>", "params[0]", `"1 2" does not read as <int>`},
		"a lone sign":                   {"<int>-</int>", "params[0]", `"-" does not read as <int>`},
		"an int that is split":          {"<int>1<int>2</int></int>", "params[0]", "<int> has no place in <int>"},
		"an i1 of 9 bits":               {"<i1>128</i1>", "params[0]", "does not read as <i1>"},
		"an i2 of 17 bits":              {"<i2>-32769</i2>", "params[0]", "does not read as <i2>"},
		"an i8 of 65 bits":              {"<i8>-9223372036854775809</i8>", "params[0]", "does not read as <i8>"},
		"an int of 65 characters":       {"<int>" + strings.Repeat("0", 65) + "</int>", "params[0]", "<int> is too long: the limit is 64"},
		"a biginteger of 1,025":         {"<biginteger>" + strings.Repeat("0", 1025) + "</biginteger>", "params[0]", "the limit is 1,024"},
		"a biginteger with a point":     {"<biginteger>1.0</biginteger>", "params[0]", "does not read"},
		"a bigdecimal without digits":   {"<bigdecimal>.</bigdecimal>", "params[0]", "does not read"},
		"a hexadecimal double":          {"<double>0x1p4</double>", "params[0]", "does not read"},
		"a double with an underscore":   {"<double>1_0</double>", "params[0]", "does not read"},
		"a double without an exponent":  {"<double>1e</double>", "params[0]", "does not read"},
		"a boolean 2":                   {"<boolean>2</boolean>", "params[0]", "does not read"},
		"text in nil":                   {"<nil>x</nil>", "params[0]", "does not read"},
		"base64 after its end":          {"<base64>QQ==QQ==</base64>", "params[0]", "does not read"},
		"base64 for addresses":          {"<base64>-_-_</base64>", "params[0]", "does not read"},
		"a day that does not exist":     {"<dateTime.iso8601>20230229T00:00:00</dateTime.iso8601>", "params[0]", "does not read"},
		"a leap second":                 {"<dateTime.iso8601>20161231T23:59:60</dateTime.iso8601>", "params[0]", "does not read"},
		"the hour 24":                   {"<dateTime.iso8601>20160101T24:00:00</dateTime.iso8601>", "params[0]", "does not read"},
		"a date without a T":            {"<dateTime.iso8601>20160101 00:00:00</dateTime.iso8601>", "params[0]", "does not read"},
		"a date that ends in an hour":   {"<dateTime.iso8601>20160101T00</dateTime.iso8601>", "params[0]", "does not read"},
		"a date with half a separator":  {"<dateTime.iso8601>2016-0101T00:00:00</dateTime.iso8601>", "params[0]", "does not read"},
		"a zone of hours":               {"<dateTime.iso8601>20160101T00:00:00+02</dateTime.iso8601>", "params[0]", "does not read"},
		"a zone by name":                {"<dateTime.iso8601>20160101T00:00:00CET</dateTime.iso8601>", "params[0]", "does not read"},
		"a fraction without digits":     {"<dateTime.iso8601>20160101T00:00:00.</dateTime.iso8601>", "params[0]", "does not read"},
		"a fraction below a nanosecond": {"<dateTime.iso8601>20160101T00:00:00.0000000001</dateTime.iso8601>", "params[0]", "does not read"},
		"text beside a type":            {"x<int>1</int>", "params[0]", `text "x" beside a type`},
		"text after a type":             {"<int>1</int>x", "params[0]", `text "x" directly in <value>`},
		"two types":                     {"<int>1</int><int>2</int>", "params[0]", "<int> has no place in <value>"},
		"text in an array":              {"<array>x<data/></array>", "params[0]", "directly in <array>"},
		"two data":                      {"<array><data/><data/></array>", "params[0]", "<data> has no place in <array>"},
		"an empty array element":        {"<array/>", "params[0]", "<array> without <data>"},
		"no value in data":              {"<array><data><int>1</int></data></array>", "params[0]", "<int> has no place in <data>"},
		"a struct of values":            {"<struct><value/></struct>", "params[0]", "<value> has no place in <struct>"},
		"a member without a value":      {"<struct><member><name>a</name></member></struct>", "params[0]", "without a name or a value"},
		"a member with two values":      {"<struct><member><name>a</name><value/><value/></member></struct>", "params[0]", "<value> has no place in <member>"},
		"a type in capitals":            {"<INT>1</INT>", "params[0]", "<INT> is no type"},
		"ex:int":                        {"<ex:int>1</ex:int>", "params[0]", "<ex:int> is no type"},
		"a Java object":                 {"<ex:serializable>AAAA</ex:serializable>", "params[0]", "<ex:serializable> is no type"},
		"XInclude":                      {`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///x"/>`, "params[0]", "is no type"},
		"ex of another vocabulary":      {`<ex:i8 xmlns:ex="urn:x">1</ex:i8>`, "params[0]", "is no type"},
		"a default namespace on a type": {`<i8 xmlns="urn:x">1</i8>`, "params[0]", "is no type"},
		"a bad int deep inside":         {array("1", "<struct><member><name>a</name><value>"+array("<int>x</int>")+"</value></member></struct>"), "params[0][1].a[0]", `"x" does not read as <int>`},
		"a bad int under an odd name":   {"<struct><member><name>a b</name><value><int>x</int></value></member></struct>", `params[0]["a b"]`, `does not read`},
		"a bad int under a long name":   {"<struct><member><name>" + strings.Repeat("é", 99) + "</name><value><int>x</int></value></member></struct>", `params[0]["` + strings.Repeat("é", 20) + `"...]`, `does not read`},
		"33 attributes":                 {"<int" + attributes(33) + ">1</int>", "params[0]", "too many attributes: the limit is 32"},
		"a name of 129 bytes":           {"<" + strings.Repeat("a", 129) + "/>", "params[0]", "too long: the limit is 128"},
		"65 arrays":                     {strings.Repeat("<array><data><value>", 65), "", "nested too deep: the limit is 64"},
		"65 namespaces":                 {namespaces(3, 31), "", "too many namespaces are declared: the limit is 64"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := xmlrpc.DecodeCall([]byte(echo(test.content)), "", nil)
			refused, ok := err.(*xmlrpc.DecodeError)
			if !ok || refused.Code != xmlrpc.CodeInvalidRequest || !strings.Contains(refused.Reason, test.reason) {
				t.Fatalf("error = %#v, want %d and %q", err, xmlrpc.CodeInvalidRequest, test.reason)
			}
			if test.path != "" && refused.Path != test.path {
				t.Errorf("path = %s, want %s", refused.Path, test.path)
			}
		})
	}
}

func attributes(n int) string {
	text := ""
	for i := range n {
		text += fmt.Sprintf(" a%d=''", i)
	}
	return text
}

// namespaces is nested arrays whose elements each declare prefixes.
func namespaces(levels, each int) string {
	declarations := ""
	for i := range each {
		declarations += fmt.Sprintf(" xmlns:n%d='urn:x'", i)
	}
	return strings.Repeat("<array"+declarations+"><data><value>", levels)
}

func TestDecodeTakesTheLimits(t *testing.T) {
	deep := decodeEcho(t, strings.Repeat("<array><data><value>", 64)+"<i4>1</i4>"+strings.Repeat("</value></data></array>", 64))
	for range 64 {
		deep = deep.([]any)[0]
	}
	if deep != int64(1) {
		t.Errorf("64 arrays deep lies %v, want 1", deep)
	}
	if got := decodeEcho(t, "<int"+attributes(32)+">1</int>"); got != int64(1) {
		t.Errorf("with 32 attributes: %v, want 1", got)
	}
	if got := decodeEcho(t, "<int>"+strings.Repeat("0", 63)+"1</int>"); got != int64(1) {
		t.Errorf("with 64 digits: %v, want 1", got)
	}
	if got := decodeEcho(t, "<array><data>"+strings.Repeat("<value/>", 99_999)+"</data></array>"); len(got.([]any)) != 99_999 {
		t.Errorf("with 100,000 values: %d elements, want 99,999", len(got.([]any)))
	}
	_, err := xmlrpc.DecodeCall([]byte(echo("<array><data>"+strings.Repeat("<value/>", 100_000)+"</data></array>")), "", nil)
	if err == nil || !strings.Contains(err.Error(), "too many values: the limit is 100,000") {
		t.Errorf("with 100,001 values: %v, want a refusal", err)
	}
}

func TestDecodeOptions(t *testing.T) {
	const date = "<dateTime.iso8601>20240101T00:00:00</dateTime.iso8601>"
	zone := time.FixedZone("", 3600)
	call, err := xmlrpc.DecodeCall([]byte(echo(date)), "", &xmlrpc.DecodeOptions{AssumeZone: zone})
	want := time.Date(2024, 1, 1, 0, 0, 0, 0, zone)
	if err != nil || !equal(call.Params[0], want) {
		t.Errorf("with a zone assumed: %v, %v, want %v", call, err, want)
	}
	limits := map[string]xmlrpc.Limits{
		"10 bytes": {Bytes: 10}, "depth 1": {Depth: 1}, "2 values": {Values: 2}, "3-byte methods": {MethodBytes: 3},
		"4-byte names": {NameBytes: 4}, "1-digit numbers": {NumberChars: 1}, "2-digit bigs": {BigNumberChars: 2},
		"no second attribute": {Attributes: 1},
	}
	document := echo(array(array("<int a='' b=''>12</int>", "<biginteger>123</biginteger>")))
	for name, limit := range limits {
		_, err := xmlrpc.DecodeCall([]byte(document), "", &xmlrpc.DecodeOptions{Limits: limit})
		if err == nil || !strings.Contains(err.Error(), "the limit is ") {
			t.Errorf("%s: error = %v, want one that names the limit", name, err)
		}
	}
}

func TestDecodeCallStructure(t *testing.T) {
	taken := map[string]string{
		"params without any": "<methodCall><methodName>a</methodName><params/></methodCall>",
		"no params":          "<methodCall><methodName>a</methodName></methodCall>",
		"255 characters":     "<methodCall><methodName>" + strings.Repeat("a", 255) + "</methodName></methodCall>",
	}
	for name, document := range taken {
		call, err := xmlrpc.DecodeCall([]byte(document), "", nil)
		if err != nil || call.Params == nil || len(call.Params) != 0 {
			t.Errorf("%s: %+v, %v, want no params", name, call, err)
		}
	}
	refused := map[string]string{
		"256 characters":       "<methodCall><methodName>" + strings.Repeat("a", 256) + "</methodName></methodCall>",
		"a dash in the method": "<methodCall><methodName>a-b</methodName></methodCall>",
		"an empty method":      "<methodCall><methodName> </methodName></methodCall>",
		"a second params":      "<methodCall><methodName>a</methodName><params/><params/></methodCall>",
		"params first":         "<methodCall><params/><methodName>a</methodName></methodCall>",
		"a value in params":    "<methodCall><methodName>a</methodName><params><value/></params></methodCall>",
		"a default namespace":  "<methodCall xmlns='urn:x'><methodName>a</methodName></methodCall>",
		"Apache's namespace":   "<ex:methodCall><methodName>a</methodName></ex:methodCall>",
		"a response":           "<methodResponse/>",
	}
	for name, document := range refused {
		_, err := xmlrpc.DecodeCall([]byte(document), "", nil)
		if e := (*xmlrpc.DecodeError)(nil); !errors.As(err, &e) || e.Code != xmlrpc.CodeInvalidRequest {
			t.Errorf("%s: %v, want %d", name, err, xmlrpc.CodeInvalidRequest)
		}
	}
}

func TestDecodeLeavesTheDocumentAlone(t *testing.T) {
	document := []byte(echo("<base64> SG Vs bG8= </base64>"))
	before := bytes.Clone(document)
	if _, err := xmlrpc.DecodeCall(document, "", nil); err != nil || !bytes.Equal(before, document) {
		t.Errorf("document = %q, %v, want it unchanged", document, err)
	}
}
