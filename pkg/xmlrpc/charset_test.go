package xmlrpc_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func TestDecodeCharsets(t *testing.T) {
	document := func(encoding string) string {
		return `<?xml version="1.0" encoding="` + encoding + `"?>` + echo("é€\x85")
	}
	plain := echo("é€")
	latin := strings.ReplaceAll(echo("é"), "é", "\xE9")
	windows := strings.NewReplacer("é", "\xE9", "€", "\x80").Replace(plain)
	tests := map[string]struct {
		data, contentType string
		want              string
		code              int
	}{
		"UTF-8":                           {data: plain, want: "é€"},
		"UTF-8 with a mark":               {data: "\uFEFF" + plain, want: "é€"},
		"a mark counts more than HTTP":    {data: "\uFEFF" + plain, contentType: "text/xml; charset=iso-8859-1", want: "é€"},
		"HTTP counts more than XML":       {data: `<?xml version="1.0" encoding="x-odd"?>` + plain, contentType: `text/xml; a=b; Charset="UTF-8"`, want: "é€"},
		"ISO-8859-1 by HTTP":              {data: latin, contentType: "text/xml;charset=ISO-8859-1", want: "é"},
		"windows-1252 by HTTP":            {data: windows, contentType: "text/xml; charset=cp1252", want: "é€"},
		"ISO-8859-1 by XML":               {data: `<?xml version="1.0" encoding="Latin1"?>` + latin, want: "é"},
		"us-ascii that is UTF-8":          {data: `<?xml version="1.0" encoding="us-ascii"?>` + plain, want: "é€"},
		"UTF-16 little with a mark":       {data: wide("\uFEFF"+plain, binary.LittleEndian), want: "é€"},
		"UTF-16 big without a mark":       {data: wide(plain, binary.BigEndian), want: "é€"},
		"UTF-16 little without a mark":    {data: wide(plain, binary.LittleEndian), want: "é€"},
		"UTF-16 with a pair":              {data: wide(echo("😀"), binary.BigEndian), want: "😀"},
		"an empty charset":                {data: plain, contentType: "text/xml; charset=", want: "é€"},
		"an unknown charset by HTTP":      {data: plain, contentType: "text/xml; charset=x-odd", code: xmlrpc.CodeUnknownCharset},
		"UTF-7":                           {data: document("UTF-7"), code: xmlrpc.CodeUnknownCharset},
		"UTF-32":                          {data: "\x00\x00\x00<\x00\x00\x00?", code: xmlrpc.CodeUnknownCharset},
		"EBCDIC":                          {data: "\x4C\x6F\xA7\x94", code: xmlrpc.CodeUnknownCharset},
		"UTF-16 that is not":              {data: document("UTF-16"), code: xmlrpc.CodeBadCharacter},
		"UTF-16 with an odd byte":         {data: wide(plain, binary.BigEndian) + "x", code: xmlrpc.CodeBadCharacter},
		"UTF-16 with half a pair":         {data: wide("<\uFFFD", binary.BigEndian)[:2] + "\xD8\x00\x00<", code: xmlrpc.CodeBadCharacter},
		"UTF-16 that ends in half a pair": {data: wide("<", binary.BigEndian) + "\xD8\x00", code: xmlrpc.CodeBadCharacter},
		"a byte windows-1252 has not":     {data: echo("\x81"), contentType: "text/xml; charset=windows-1252", code: xmlrpc.CodeBadCharacter},
		"an overlong character":           {data: echo("\xC0\xBC"), code: xmlrpc.CodeBadCharacter},
		"a surrogate in UTF-8":            {data: echo("\xED\xA0\x80"), code: xmlrpc.CodeBadCharacter},
		"Latin-1 that says nothing":       {data: latin, code: xmlrpc.CodeBadCharacter},
		"half a character":                {data: echo("\xE2\x82"), code: xmlrpc.CodeBadCharacter},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			call, err := xmlrpc.DecodeCall([]byte(test.data), test.contentType, nil)
			if test.code != 0 {
				if e := (*xmlrpc.DecodeError)(nil); !errors.As(err, &e) || e.Code != test.code {
					t.Fatalf("error = %v, want %d", err, test.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if call.Params[0] != test.want {
				t.Errorf("got %q, want %q", call.Params[0], test.want)
			}
		})
	}
}

func wide(text string, order binary.AppendByteOrder) string {
	var data []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		data = order.AppendUint16(data, unit)
	}
	return string(data)
}
