package xmlrpc

import (
	"slices"
	"strings"
	"testing"
)

func TestReaderRefuses(t *testing.T) {
	tests := map[string]struct {
		document, reason string
	}{
		"an empty document":                   {"", "no element"},
		"only a comment":                      {"<!-- -->", "no element"},
		"a lone <":                            {"<", "no element"},
		"an element without end":              {"<a>", "ends inside <a>"},
		"a tag without end":                   {"<a", "ends inside <a>"},
		"a wrong end":                         {"<a></b>", "</b> ends <a>"},
		"an end without start":                {"</a>", "an end tag without its start"},
		"a tag inside an end tag":             {"<a></a b>", "no > after </a"},
		"an attribute without quotes":         {"<a b=1/>", "without quotes"},
		"an attribute without value":          {"<a b/>", "no = after the attribute b"},
		"< in an attribute":                   {"<a b='<'/>", "< in an attribute value"},
		"two equal attributes":                {"<a b='' b=''/>", "two attributes b"},
		"attributes that touch":               {"<a b=''c=''/>", `"c" inside a tag`},
		"an attribute without end":            {"<a b='", "ends inside <a>"},
		"a name that begins with a digit":     {"<1/>", "no name"},
		"]]> in text":                         {"<a>]]></a>", "]]> in text"},
		"CDATA without end":                   {"<a><![CDATA[</a>", "without end"},
		"CDATA outside of the root":           {"<![CDATA[ ]]><a/>", "without a meaning"},
		"a reference outside of the root":     {"<a/>&#32;", "outside of the root"},
		"text after the root":                 {"<a/>x", "outside of the root"},
		"a second root":                       {"<a/><b/>", "second root"},
		"-- in a comment":                     {"<!-- -- --><a/>", "-- in a comment"},
		"a comment that ends in --->":         {"<!-- ---><a/>", "-- in a comment"},
		"an instruction for xml":              {"<a><?XML ?></a>", "XML declaration"},
		"an instruction without a blank":      {"<a><?p+?></a>", "no blank"},
		"a declaration after a blank":         {" <?xml version='1.0'?><a/>", "not at the start"},
		"a declaration without version":       {"<?xml encoding='utf-8'?><a/>", "version"},
		"XML 1.1":                             {"<?xml version='1.1'?><a/>", "only 1.0"},
		"standalone that is neither":          {"<?xml version='1.0' standalone='maybe'?><a/>", "neither yes nor no"},
		"parts of the declaration that touch": {"<?xml version='1.0'encoding='utf-8'?><a/>", "broken XML declaration"},
		"an unknown entity":                   {"<a>&nbsp;</a>", "no reference"},
		"a bare &":                            {"<a>a & b</a>", "no reference"},
		"an empty reference":                  {"<a>&#;</a>", "no reference"},
		"a hexadecimal reference with X":      {"<a>&#X41;</a>", "no reference"},
		"a reference to a surrogate":          {"<a>&#xD800;</a>", "cannot carry"},
		"a reference beyond Unicode":          {"<a>&#99999999999999999999;</a>", "cannot carry"},
		"a reference to U+FFFE":               {"<a>&#xFFFE;</a>", "cannot carry"},
		"U+FFFF in text":                      {"<a>\uFFFF</a>", "cannot carry U+FFFF"},
		"a control character in a comment":    {"<a><!--\x01--></a>", "cannot carry U+0001"},
		"a control character in an attribute": {"<a b='\x01'/>", "cannot carry U+0001"},
		"a document type":                     {"<!DOCTYPE a [<!ENTITY", "document type declaration"},
		"a document type inside":              {"<a><!DOCTYPE a></a>", "document type declaration"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := walk([]byte(test.document))
			if err == nil || !strings.Contains(err.Error(), test.reason) {
				t.Fatalf("error = %v, want one with %q", err, test.reason)
			}
			if refused := err.(*DecodeError); refused.Code != CodeNotWellFormed {
				t.Errorf("code = %d, want %d", refused.Code, CodeNotWellFormed)
			}
		})
	}
}

func TestReaderJoinsText(t *testing.T) {
	document := "<a>\r\n 1<!-- x -->2<?p q?>3<![CDATA[<\r>&]]>]]&amp;&#13;&#x1F600;é</a>"
	want := []string{"<a>", "\n 123<\n>&]]&\r😀é", "</a>"}
	got, err := walk([]byte(document))
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("walk = %q, %v, want %q", got, err, want)
	}
}

func TestRefusalSaysWhere(t *testing.T) {
	_, err := walk([]byte("<a>\n<b>üü&x;</b></a>"))
	want := &DecodeError{Code: CodeNotWellFormed, Line: 2, Column: 6}
	got, ok := err.(*DecodeError)
	if !ok || got.Code != want.Code || got.Line != want.Line || got.Column != want.Column {
		t.Errorf("error = %+v, want line %d, column %d", err, want.Line, want.Column)
	}
}
