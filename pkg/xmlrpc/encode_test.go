package xmlrpc_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// encoded is what stands between <value> and </value> of an answer.
func encoded(t *testing.T, v any, dialect *xmlrpc.Dialect) string {
	t.Helper()
	document, err := xmlrpc.AppendResponse(nil, v, dialect)
	if err != nil {
		t.Fatalf("AppendResponse(%v): %v", v, err)
	}
	const before = `<?xml version="1.0" encoding="UTF-8"?><methodResponse><params><param><value>`
	const after = `</value></param></params></methodResponse>`
	content, ok1 := strings.CutPrefix(string(document), before)
	content, ok2 := strings.CutSuffix(content, after)
	if !ok1 || !ok2 {
		t.Fatalf("AppendResponse(%v) = %s", v, document)
	}
	return content
}

func TestEncodeValues(t *testing.T) {
	huge, _ := new(big.Int).SetString("-12345678901234567890", 10)
	east := time.FixedZone("", 7200)
	tests := map[string]struct {
		v    any
		want string
	}{
		"nil":                      {nil, "<nil/>"},
		"true":                     {true, "<boolean>1</boolean>"},
		"false":                    {false, "<boolean>0</boolean>"},
		"the greatest int":         {int64(math.MaxInt32), "<int>2147483647</int>"},
		"the least i8":             {int64(math.MinInt64), "<i8>-9223372036854775808</i8>"},
		"the first i8":             {int64(math.MaxInt32 + 1), "<i8>2147483648</i8>"},
		"a whole double":           {3.0, "<double>3.0</double>"},
		"minus zero":               {math.Copysign(0, -1), "<double>-0.0</double>"},
		"a double with a fraction": {-0.000001, "<double>-0.000001</double>"},
		"a small double":           {9.5e-7, "<double>9.5e-07</double>"},
		"a large double":           {1e20, "<double>100000000000000000000.0</double>"},
		"a huge double":            {1e21, "<double>1e+21</double>"},
		"a text":                   {"a<b>&\"'\r\n\t]]>é😀", "<string>a&lt;b&gt;&amp;\"'&#13;\n\t]]&gt;é😀</string>"},
		"an empty text":            {"", "<string></string>"},
		"bytes":                    {[]byte{0, 255}, "<base64>AP8=</base64>"},
		"an instant":               {time.Date(2024, 1, 1, 1, 0, 0, 999, east), "<dateTime.iso8601>20231231T23:00:00</dateTime.iso8601>"},
		"a floating time":          {local(2024, 1, 1, time.Hour), "<dateTime.iso8601>20240101T01:00:00</dateTime.iso8601>"},
		"an empty list":            {[]any{}, "<array><data></data></array>"},
		"a list":                   {[]any{int64(1), "a"}, "<array><data><value><int>1</int></value><value><string>a</string></value></data></array>"},
		"a map by names":           {map[string]any{"b": true, "a&": ""}, "<struct><member><name>a&amp;</name><value><string></string></value></member><member><name>b</name><value><boolean>1</boolean></value></member></struct>"},
		"a big integer":            {huge, "<string>-12345678901234567890</string>"},
		"a big integer of 64 bits": {big.NewInt(math.MaxInt64), "<i8>9223372036854775807</i8>"},
		"no big integer":           {(*big.Int)(nil), "<nil/>"},
		"an opaque value":          {value.Opaque{Tag: 37, Data: []byte{0x41, 1}}, `<string>{"$opaque":37,"data":"QQE="}</string>`},
		"a decimal":                {value.Decimal{Mantissa: big.NewInt(150), Exponent: -2}, "<string>1.50</string>"},
		"a date":                   {value.Date{Year: 2024, Month: 2, Day: 29}, "<string>2024-02-29</string>"},
		"a time of day":            {value.TimeOfDay(time.Hour), "<string>01:00:00</string>"},
		"a duration":               {90 * time.Second, "<string>1m30s</string>"},
		"a Go int":                 {7, "<int>7</int>"},
		"a Go slice":               {[]string{"a"}, "<array><data><value><string>a</string></value></data></array>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := encoded(t, test.v, nil); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEncodeDialects(t *testing.T) {
	noon := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		v       any
		dialect xmlrpc.Dialect
		want    string
	}{
		"nil as empty":             {nil, xmlrpc.Dialect{Strict: true, NilAsEmpty: true}, "<string></string>"},
		"an instant with Z":        {noon, xmlrpc.Dialect{DateZ: true}, "<dateTime.iso8601>20240101T12:00:00Z</dateTime.iso8601>"},
		"a floating time has no Z": {local(2024, 1, 1, 0), xmlrpc.Dialect{DateZ: true}, "<dateTime.iso8601>20240101T00:00:00</dateTime.iso8601>"},
		"bad characters":           {"a\x00b\xFFc\uFFFEd", xmlrpc.Dialect{ReplaceBadChars: true}, "<string>a\uFFFDb\uFFFDc\uFFFDd</string>"},
		"a small int":              {int64(math.MinInt32), xmlrpc.Dialect{Strict: true}, "<int>-2147483648</int>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := encoded(t, test.v, &test.dialect); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	endless := []any{nil}
	endless[0] = endless
	strict := &xmlrpc.Dialect{Strict: true}
	tests := map[string]struct {
		v       any
		dialect *xmlrpc.Dialect
		want    string
	}{
		"an i8 when strict":  {[]any{map[string]any{"items": []any{0, map[string]any{"id": int64(5000000000)}}}}, strict, "params[1][0].items[1].id: 5000000000 does not fit <int>; use --dialect i8"},
		"nil when strict":    {nil, strict, "params[1]: nil is not representable; use --dialect i8"},
		"not a number":       {math.NaN(), nil, "params[1]: NaN is not representable"},
		"infinity":           {[]any{math.Inf(-1)}, nil, "params[1][0]: -Inf is not representable"},
		"NUL":                {"\x00", nil, "params[1]: the character U+0000 is not representable in XML"},
		"a byte":             {"\xFF", nil, "params[1]: a byte that is not UTF-8 is not representable in XML"},
		"a name with U+FFFF": {map[string]any{"a\uFFFF": 1}, nil, "params[1][\"a\\uffff\"]: the character U+FFFF is not representable in XML"},
		"the year 10000":     {time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), nil, "params[1]: the year 10000 is not representable"},
		"a day that is none": {local(2023, 2, 29, 0), nil, "params[1]: 2023-02-29T00:00:00 is no date"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dst, err := xmlrpc.AppendCall([]byte("kept"), "m", []any{true, test.v}, test.dialect)
			if e := (*xmlrpc.EncodeError)(nil); !errors.As(err, &e) || err.Error() != test.want {
				t.Errorf("error = %v\nwant    %s", err, test.want)
			}
			if string(dst) != "kept" {
				t.Errorf("dst = %q, want it unchanged", dst)
			}
		})
	}
	if _, err := xmlrpc.AppendResponse(nil, endless, nil); err == nil || !strings.Contains(err.Error(), "nested too deep: the limit is 64") {
		t.Errorf("a list that contains itself: %v, want a refusal", err)
	}
	if _, err := xmlrpc.AppendCall(nil, "a-b", nil, nil); err == nil || err.Error() != `"a-b" cannot be a method name in XML-RPC` {
		t.Errorf("a dash in a method name: %v, want a refusal", err)
	}
	if _, err := xmlrpc.AppendResponse(nil, make(chan int), nil); err == nil || !strings.HasPrefix(err.Error(), "result: ") {
		t.Errorf("a channel: %v, want a refusal", err)
	}
}

func TestEncodeCall(t *testing.T) {
	got, err := xmlrpc.AppendCall([]byte("> "), "math.multiply", []any{int64(3), int64(4)}, nil)
	want := `> <?xml version="1.0" encoding="UTF-8"?><methodCall><methodName>math.multiply</methodName><params>` +
		`<param><value><int>3</int></value></param><param><value><int>4</int></value></param></params></methodCall>`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

func TestEncodeFault(t *testing.T) {
	sent := &xmlrpc.Fault{Code: -32601, String: "netsvc -- no\x00 <method>\r\n\nmore"}
	_, err := xmlrpc.DecodeResponse(xmlrpc.AppendFault(nil, sent), "", nil)
	want := xmlrpc.Fault{Code: -32601, String: "netsvc -- no\uFFFD <method>\r\n\nmore"}
	if f, ok := err.(*xmlrpc.Fault); !ok || *f != want {
		t.Errorf("read back %v, want %v", err, &want)
	}
	if !errors.Is(err, &xmlrpc.Fault{Code: -32601}) || errors.Is(err, &xmlrpc.Fault{Code: 1}) {
		t.Errorf("errors.Is compares %v wrongly", err)
	}
}
