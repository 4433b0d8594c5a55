package xmlrpc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// walk returns the texts and tags of a document as this package reads them.
func walk(data []byte) ([]string, error) {
	r := reader{data: data, limits: (*Limits)(nil).orDefault()}
	if _, err := r.declaration(); err != nil {
		return nil, err
	}
	if err := r.misc(); err != nil {
		return nil, err
	}
	events, err := walkElement(&r)
	if err != nil {
		return nil, err
	}
	if err := r.misc(); err != nil {
		return nil, err
	}
	if r.pos < len(r.data) {
		return nil, r.malformed("a second root element")
	}
	return events, nil
}

func walkElement(r *reader) ([]string, error) {
	var events, names []string
	for {
		t, err := r.tag()
		if err != nil {
			return nil, err
		}
		if !t.end {
			names = append(names, string(t.name))
		}
		events = append(events, event(t.end, names[len(names)-1]))
		if t.end {
			names = names[:len(names)-1]
		}
		if len(names) == 0 {
			return events, nil
		}
		text, err := r.text()
		if err != nil {
			return nil, err
		}
		if len(text) > 0 {
			events = append(events, string(text))
		}
	}
}

func event(end bool, local string) string {
	if end {
		return "</" + local + ">"
	}
	return "<" + local + ">"
}

// walkOther returns the same as encoding/xml reads it.
func walkOther(data []byte) ([]string, error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	var events []string
	depth := 0
	text := ""
	flush := func() {
		if text != "" && depth > 0 {
			events = append(events, text)
		}
		text = ""
	}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			flush()
			depth++
			events = append(events, event(false, token.Name.Local))
		case xml.EndElement:
			flush()
			depth--
			events = append(events, event(true, token.Name.Local))
		case xml.CharData:
			text += string(token)
		}
	}
}

// stricter are the reasons for which a document is refused here and taken by
// encoding/xml, which does not look for them.
var stricter = []string{
	"the limit is", "document type declaration", "two attributes", "outside of the root element",
	"a second root element", "no element", "XML declaration", "version", "encoding", "standalone",
	"<! without a meaning", "after the target of an instruction", "no name where one has to stand", "inside a tag",
	"XML cannot carry", "is not UTF-8", // inside comments and instructions
}

func FuzzWellFormed(f *testing.F) {
	for _, seed := range wellFormedSeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte("encoding")) || bytes.Count(data, []byte(":")) > 0 {
			return // charsets and prefixes have their own tests
		}
		ours, err := walk(data)
		others, otherErr := walkOther(data)
		if err == nil && otherErr != nil {
			if !strings.Contains(otherErr.Error(), "invalid XML name") { // its table is of the fourth edition
				t.Errorf("taken as %q, but encoding/xml says %v", ours, otherErr)
			}
			return
		}
		if err != nil && otherErr == nil && len(others) > 0 {
			if !slices.ContainsFunc(stricter, func(s string) bool { return strings.Contains(err.Error(), s) }) {
				t.Errorf("refused (%v), but encoding/xml takes it as %q", err, others)
			}
			return
		}
		if err == nil && otherErr == nil && !slices.Equal(ours, others) {
			t.Errorf("got  %q\nwant %q", ours, others)
		}
	})
}

func wellFormedSeeds(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/vectors/xml/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	seeds := [][]byte{
		[]byte("<a>x<![CDATA[\r\n]]]]><!-- - -->&#x0041;\r</a>"),
		[]byte("<?xml version='1.0' standalone='yes' ?><a b='&lt;\"' c=\"'\" /><?p q?>"),
		[]byte("<é à='1'>ü ]] ></é >"),
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) < 4096 {
			seeds = append(seeds, data)
		}
	}
	return seeds
}

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
