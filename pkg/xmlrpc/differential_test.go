package xmlrpc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
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

// stricter are the reasons for which a document is refused here and taken by encoding/xml, which
// does not look for them. TestKnownDifferences has a document for each.
var stricter = []string{
	"the limit is", "document type declaration", "two attributes", "outside of the root element",
	"a second root element", "no element", "XML declaration", "version", "encoding", "standalone",
	"<! without a meaning", "after the target of an instruction", "no name where one has to stand", "inside a tag",
	"XML cannot carry", "is not UTF-8", // inside comments and instructions
}

// laxer are the reasons for which encoding/xml refuses what is taken here: its names are those of the
// fourth edition of XML 1.0.
var laxer = []string{"invalid XML name"}

// disagreement says how the two readers differ about a document in a way that neither list has, or
// "". Charsets and prefixes are not compared: encoding/xml knows no charset, and this package no
// other namespaces than it needs.
func disagreement(data []byte) string {
	if bytes.Contains(data, []byte("encoding")) || bytes.Count(data, []byte(":")) > 0 {
		return ""
	}
	ours, err := walk(data)
	others, otherErr := walkOther(data)
	among := func(err error, reasons []string) bool {
		return slices.ContainsFunc(reasons, func(s string) bool { return strings.Contains(err.Error(), s) })
	}
	switch {
	case err == nil && otherErr != nil && !among(otherErr, laxer):
		return fmt.Sprintf("taken as %q, but encoding/xml says %v", ours, otherErr)
	case err != nil && otherErr == nil && len(others) > 0 && !among(err, stricter):
		return fmt.Sprintf("refused (%v), but encoding/xml takes it as %q", err, others)
	case err == nil && otherErr == nil && !slices.Equal(ours, others):
		return fmt.Sprintf("read as %q, by encoding/xml as %q", ours, others)
	}
	return ""
}

func FuzzWellFormed(f *testing.F) {
	for _, seed := range wellFormedSeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if text := disagreement(data); text != "" {
			t.Error(text)
		}
	})
}

// TestWellFormedAsOthersSay breaks documents at random, and compares what both readers say.
func TestWellFormedAsOthersSay(t *testing.T) {
	seeds := wellFormedSeeds(t)
	pieces := []string{"<", ">", "/", "&", ";", "<a>", "</a>", "<a/>", "]]>", "<![CDATA[", "<!--", "-->", "--", "<?", "?>", "<?p ",
		"&amp;", "&#65;", "&#0;", "'", "\"", "=", " a='", "\r", "\x00", "\x80", "\uFFFF", "é", "<!", "x"}
	rapid.Check(t, func(t *rapid.T) {
		data := bytes.Clone(rapid.SampledFrom(seeds).Draw(t, "seed"))
		for range rapid.IntRange(0, 4).Draw(t, "edits") {
			at := rapid.IntRange(0, len(data)).Draw(t, "at")
			until := min(len(data), at+rapid.IntRange(0, 3).Draw(t, "cut"))
			piece := rapid.SampledFrom(pieces).Draw(t, "piece")
			data = slices.Concat(data[:at], []byte(piece), data[until:])
		}
		if text := disagreement(data); text != "" {
			t.Fatalf("%s\nof %q", text, data)
		}
	})
}

// TestKnownDifferences has the documents about which this package and encoding/xml disagree. In all of
// them the recommendation is with this package, but for the limits and the document type.
func TestKnownDifferences(t *testing.T) {
	refusedHere := map[string]string{
		"a document type":                        "<!DOCTYPE a><a/>",
		"two attributes of one name":             "<a b='' b=''/>",
		"text before the root":                   "x<a/>",
		"text behind the root":                   "<a/>x",
		"a second root":                          "<a/><b/>",
		"no root":                                "<!-- -->",
		"a declaration behind a blank":           " <?xml version='1.0'?><a/>",
		"a declaration inside":                   "<a><?xml version='1.0'?></a>",
		"standalone that is neither yes nor no":  "<?xml version='1.0' standalone='maybe'?><a/>",
		"a declaration without version":          "<?xml standalone='yes'?><a/>",
		"<! that says nothing":                   "<a><!x></a>",
		"no blank behind an instruction's word":  "<a><?p+?></a>",
		"attributes that touch":                  "<a b=''c=''/>",
		"a control character in a comment":       "<a><!--\x01--></a>",
		"a control character in an instruction":  "<a><?p \x01?></a>",
		"bytes in a comment that are not UTF-8":  "<a><!--\x80--></a>",
		"a name of more than 128 bytes":          "<" + strings.Repeat("a", 129) + "/>",
		"more than 32 attributes of one element": "<a" + thirtyThree() + "/>",
	}
	for name, document := range refusedHere {
		_, ours := walk([]byte(document))
		_, others := walkOther([]byte(document))
		if ours == nil || others != nil {
			t.Errorf("%s: %v here, %v by encoding/xml, want it to be refused here alone", name, ours, others)
		}
	}
	const fifth = "<\u0132\U00010400/>" // letters that names have had since the fifth edition
	if _, err := walk([]byte(fifth)); err != nil {
		t.Errorf("a name of the fifth edition: %v", err)
	}
	if _, err := walkOther([]byte(fifth)); err == nil {
		t.Error("encoding/xml takes a name of the fifth edition now")
	}
}

func thirtyThree() string {
	text := ""
	for i := range 33 {
		text += fmt.Sprintf(" a%d=''", i)
	}
	return text
}

func wellFormedSeeds(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*/xml/*.xml")
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
