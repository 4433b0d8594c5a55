package render_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/netsvc/netsvc/internal/render"
)

func TestYAML(t *testing.T) {
	for _, tc := range []struct{ name, doc, want string }{
		{"a number", `12`, "12\n"},
		{"numbers as written", `[9007199254740993,-0,1e+300,123456789012345678901234567890,0.1000000000000000000001]`,
			"- 9007199254740993\n- -0\n- 1e+300\n- 123456789012345678901234567890\n- 0.1000000000000000000001\n"},
		{"nothing, true, false", `[null,true,false]`, "- null\n- true\n- false\n"},
		{"members in their order", `{"b":1,"a":{"z":[],"c":{}}}`, "b: 1\na:\n  z: []\n  c: {}\n"},
		{"lists in lists", `[[1,2],[{"a":1,"b":2}]]`, "- - 1\n  - 2\n- - a: 1\n    b: 2\n"},
		{"plain words", `["math","web-services","math@3","naïve 東京","a/b.c"]`, "- math\n- web-services\n- math@3\n- naïve 東京\n- a/b.c\n"},
		{"words that mean something", `["yes","No","ON","null","~","NaN","true","y",""]`,
			"- \"yes\"\n- \"No\"\n- \"ON\"\n- \"null\"\n- \"~\"\n- \"NaN\"\n- \"true\"\n- \"y\"\n- \"\"\n"},
		{"texts like numbers and times", `["12","1e3","0x1f","1:30","2026-11-22","1_000","-1",".5"]`,
			"- \"12\"\n- \"1e3\"\n- \"0x1f\"\n- \"1:30\"\n- \"2026-11-22\"\n- \"1_000\"\n- \"-1\"\n- \".5\"\n"},
		{"texts like YAML", `["a: b","a #b","- a","[a","&a","!a","a ","---"]`,
			"- \"a: b\"\n- \"a #b\"\n- \"- a\"\n- \"[a\"\n- \"&a\"\n- \"!a\"\n- \"a \"\n- \"---\"\n"},
		{"names that must be quoted", `{"<<":1,"1":2,"a: b":3,"":4,"a\nb":5}`, "\"<<\": 1\n\"1\": 2\n\"a: b\": 3\n\"\": 4\n? \"a\\nb\"\n: 5\n"},
		{"lines", `{"doc":"one\n  two\n"}`, "doc: |\n  one\n    two\n"},
		{"lines without the last end", `"one\ntwo"`, "|-\n  one\n  two\n"},
		{"lines that blanks end", `"one \ntwo"`, "\"one \\ntwo\"\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := render.Look{}.AppendYAML(nil, []byte(tc.doc))
			if err != nil || string(got) != tc.want {
				t.Errorf("got\n%swant\n%s(err %v)", got, tc.want, err)
			}
		})
	}
}

func TestYAMLOnATerminalIsSafe(t *testing.T) {
	doc, err := json.Marshal("a\x1b[2J\u009b\u202e\u200b\U000e0041\r\n")
	if err != nil {
		t.Fatal(err)
	}
	got, err := render.Look{Terminal: true}.AppendYAML(nil, doc)
	if want := `"a\e[2J\x9B\u202e\u200b\U000E0041\r\n"` + "\n"; err != nil || string(got) != want {
		t.Errorf("got %q, err %v; want %q", got, err, want)
	}
}

func TestYAMLOfWhatIsNoJSON(t *testing.T) {
	for _, doc := range []string{"", "{", `{"a":`, `["a"`, "}"} {
		if got, err := (render.Look{}).AppendYAML([]byte("before"), []byte(doc)); err == nil || string(got) != "before" {
			t.Errorf("AppendYAML of %q = %q, %v; want an error and nothing added", doc, got, err)
		}
	}
}

// FuzzYAML checks that the YAML of a value reads back as that value, by digits and order, in a
// pipe and on a terminal.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{
		`{"b":[1,-0,1e+300,123456789012345678901234567890],"a":{"x":null,"y":true}}`,
		`["yes","1:30","a: b","one\ntwo\n","\n","  x\ny"," \n","a\n\n\n","\u0085\u2028x\ny"]`,
		`{"<<":{},"":[],"? ":"- ","a\nb":"#","~":"\u001b\ufeff"}`,
		`{"":[1e700]}`, `"|\n  text"`, `"\ud800"`, `"---\n..."`, `[[[]],[{}]]`, `{"` + strings.Repeat("k", 200) + `":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var compact bytes.Buffer
		if json.Compact(&compact, doc) != nil {
			t.Skip()
		}
		for _, look := range []render.Look{{}, {Terminal: true}} {
			written, err := look.AppendYAML(nil, doc)
			if err != nil {
				t.Fatalf("AppendYAML(%q): %v", doc, err)
			}
			var root yaml.Node
			if err := yaml.Unmarshal(written, &root); err != nil {
				t.Fatalf("%q became %q: %v", doc, written, err)
			}
			if got, want := jsonOfYAML(root.Content[0]), sameJSON(t, doc); got != want {
				t.Errorf("%q became %q, which reads as %s, want %s", doc, written, got, want)
			}
			if shown := strings.ReplaceAll(string(written), "\n", ""); look.Terminal && strings.IndexFunc(shown, harmful) >= 0 {
				t.Errorf("%q is harmful", written)
			}
		}
	})
}

// jsonOfYAML is what a document of YAML holds, in JSON.
func jsonOfYAML(n *yaml.Node) string {
	var parts []string
	for _, child := range n.Content {
		parts = append(parts, jsonOfYAML(child))
	}
	switch {
	case n.Kind == yaml.SequenceNode:
		return "[" + strings.Join(parts, ",") + "]"
	case n.Kind == yaml.MappingNode:
		var members []string
		for i := 0; i < len(parts); i += 2 {
			members = append(members, parts[i]+":"+parts[i+1])
		}
		return "{" + strings.Join(members, ",") + "}"
	case n.ShortTag() == "!!str" && !isNumber(n):
		return fmt.Sprintf("%q", n.Value)
	}
	return n.Value
}

// isNumber reports whether a text stands there as a number that no float64 has, which the library
// takes for a text.
func isNumber(n *yaml.Node) bool {
	return n.Style == 0 && !strings.HasPrefix(n.Value, `"`) && json.Valid([]byte(n.Value))
}

// sameJSON is a document with its texts as Go quotes them.
func sameJSON(t *testing.T, doc []byte) string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	var walk func() string
	walk = func() string {
		token, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case string:
			return fmt.Sprintf("%q", token)
		case json.Delim:
			var parts []string
			for decoder.More() {
				part := walk()
				if token == '{' {
					part += ":" + walk()
				}
				parts = append(parts, part)
			}
			end, _ := decoder.Token()
			return token.String() + strings.Join(parts, ",") + fmt.Sprint(end)
		case nil:
			return "null"
		}
		return fmt.Sprint(token)
	}
	return walk()
}
