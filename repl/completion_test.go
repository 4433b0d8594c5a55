package repl_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/repl"
)

// registry is one that a test has made up.
type registry struct {
	instances []service.Info
	methods   map[string][]value.Signature
}

func (r *registry) Instances(_ context.Context, pattern string) []service.Info {
	return slices.DeleteFunc(slices.Clone(r.instances), func(i service.Info) bool { return !value.Match(pattern, i.Name) })
}

func (r *registry) Methods(_ context.Context, target string) []value.Signature {
	return r.methods[target]
}

func instance(name string, number uint32, groups, subjects []string) service.Info {
	return service.Info{
		Name: name, Address: service.Address{Name: name, Number: number}, Groups: groups, Subjects: subjects,
		Hash: [wire.HashSize]byte{byte(number)},
	}
}

// world has two services, one of them with names that a line must quote.
func world() *registry {
	integer := &value.Type{Kind: value.Int}
	look := &value.Type{Kind: value.Text, Enum: []string{"plain", "very $HOME; fine", "it's"}}
	return &registry{
		instances: []service.Info{
			instance("math", 3, []string{"web"}, nil), instance("clock", 5, nil, []string{"tick"}), instance("mail", 6, nil, nil),
		},
		methods: map[string][]value.Signature{
			"math": {
				{Name: "add", Params: []value.Param{{Name: "x", Type: integer}, {Name: "y", Type: integer}}, Result: integer},
				{Name: "multiply", Params: []value.Param{{Name: "x", Type: integer}, {Name: "y", Type: integer}}, Result: integer},
				{Name: "root", Params: []value.Param{{Name: "of", Type: integer}}, Result: integer},
			},
			"clock": {
				{Name: "face", Params: []value.Param{{Name: "look", Type: look}}},
				{Name: "chime", Params: []value.Param{{Name: "loud", Type: &value.Type{Kind: value.Bool}}}},
				{Name: "evil\x1b[2J"},
			},
			"mail": {{Name: "send", Params: []value.Param{{Name: "text", Type: &value.Type{Kind: value.Text}}}}},
		},
	}
}

// complete finds what may stand at the cursor, which ‸ stands for.
func complete(t *testing.T, use, typed string) repl.Completion {
	t.Helper()
	before, behind, ok := strings.Cut(typed, "‸")
	if !ok {
		t.Fatalf("no cursor in %q", typed)
	}
	table := command.Commands()
	c := repl.Completer{
		Table: append(append(table.Of(command.SectionLook), table.Of(command.SectionUse)...), table.Of(command.SectionWatch)...),
		Env:   &command.Env{}, Registry: world(), Use: use, Variables: []string{"sum", "services"}, Columns: 80,
	}
	found := c.Complete(t.Context(), before+behind, len(before))
	if found.Start < 0 || found.Start > len(before) {
		t.Fatalf("%q: start %d", typed, found.Start)
	}
	return found
}

// TestCompletion shows the line as it becomes by a single word, else all words.
func TestCompletion(t *testing.T) {
	for _, tc := range []struct{ name, use, typed, want, note string }{
		{"commands and services", "", "g‸", "groups ", ""},
		{"a service keeps its end open", "", "mat‸", "math.", ""},
		{"several", "", "ma‸", "mail. | math.", ""},
		{"methods", "", "math.‸", "math.add | math.multiply | math.root", ""},
		{"a method", "", "math.m‸", "math.multiply ", ""},
		{"behind a blank", "", "  math.m‸", "  math.multiply ", ""},
		{"behind call", "", "call math.m‸", "call math.multiply ", ""},
		{"a signature", "", "math.multiply ‸", "x= | x:= | y= | y:= | $sum | $services", "multiply(x int, y int) -> int"},
		{"a signature once more", "", "math.multiply 3 ‸", "y= | y:= | $sum | $services", "multiply(x int, y int) -> int"},
		{"no arguments left", "", "math.root 3 ‸", "", "root(of int) -> int\n$sum  $services"},
		{"a name", "", "math.multiply y‸", "y= | y:=", ""},
		{"an enum", "", "clock.face look=p‸", "clock.face look=plain ", ""},
		{"an enum that needs quotes", "", "clock.face v‸", "clock.face 'very $HOME; fine' ", ""},
		{"behind a name", "", "clock.face look=v‸", "clock.face look='very $HOME; fine' ", ""},
		{"in quotes", "", "clock.face 'v‸", "clock.face 'very $HOME; fine' ", ""},
		{"in double quotes", "", `clock.face "v‸`, `clock.face "very $HOME; fine" `, ""},
		{"with a quote in it", "", "clock.face i‸", `clock.face "it's" `, ""},
		{"a bool", "", "clock.chime t‸", "clock.chime true ", ""},
		{"a variable", "", "math.add $su‸", "math.add $sum ", ""},
		{"variables", "", "math.add $s‸", "$sum | $services", ""},
		{"a variable behind a name", "", "math.add x=$se‸", "math.add x=$services ", ""},
		{"a variable as a statement", "", "$su‸", "$sum ", ""},
		{"an assignment", "", "$a = math.m‸", "$a = math.multiply ", ""},
		{"an assignment without blanks", "", "$a=math.m‸", "$a=math.multiply ", ""},
		{"behind another statement", "", "ls; math.m‸", "ls; math.multiply ", ""},
		{"around a statement", "", "time watch -n 2s repeat 3 math.m‸", "time watch -n 2s repeat 3 math.multiply ", ""},
		{"inside of another", "", "math.add $(math.m‸", "math.add $(math.multiply ", ""},
		{"behind one inside", "", "math.add $(math.root 4) ‸", "y= | y:= | $sum | $services", "add(x int, y int) -> int"},
		{"behind a semicolon in quotes", "", "mail.send 'a; math.m‸", "", ""},
		{"a group", "", "ls --group w‸", "ls --group web ", ""},
		{"a flag", "", "math.add --no-r‸", "math.add --no-reply ", ""},
		{"a subject", "", "sub clock:t‸", "sub clock:tick ", ""},
		{"in use", "math", ".m‸", ".multiply ", ""},
		{"arguments of what is in use", "math", ".root ‸", "of= | of:= | $sum | $services", "root(of int) -> int"},
		{"call of what is in use", "math", "call .m‸", "call .multiply ", ""},
		{"no service in use", "", ".m‸", "", ""},
		{"jq", "", "ls |> .n‸", "", ""},
		{"a shell", "", "ls | gr‸", "", ""},
		{"behind a shell", "", "ls | cat; gr‸", "ls | cat; groups ", ""},
		{"a shell alone", "", "!gr‸", "", ""},
		{"a comment", "", "ls # gr‸", "", ""},
		{"some letters of a method", "", "math.mlt‸", "math.multiply ", ""},
		{"some letters of a service", "", "mth‸", "math.", ""},
		{"some letters of several", "", "math.t‸", "", "math.root  math.multiply"},
		{"no letters of it", "", "math.xyz‸", "", ""},
		{"what cannot be shown", "", "clock.ev‸", "", ""},
		{"in the midst of a line", "", "math.m‸ 3 4", "math.multiply ", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := complete(t, tc.use, tc.typed)
			got := strings.Join(found.Words, " | ")
			if typed, _, _ := strings.Cut(tc.typed, "‸"); got != "" && (len(found.Words) == 1 || strings.HasPrefix(tc.want, typed)) {
				got = typed[:found.Start] + got
			}
			if got != tc.want || found.Note != tc.note {
				t.Errorf("%q: %q, note %q, want %q, %q", tc.typed, got, found.Note, tc.want, tc.note)
			}
		})
	}
}

func TestCompletionOfFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"some file.json", "other.json", ".hidden"} {
		write(t, name, "")
	}
	if err := os.MkdirAll(filepath.Join("folder", "inner"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join("folder", "a.json"), "")
	for _, tc := range []struct{ typed, want string }{
		{"mail.send @o‸", "mail.send @other.json "},
		{"mail.send @so‸", "mail.send '@some file.json' "},
		{"mail.send text=@so‸", "mail.send text='@some file.json' "},
		{"mail.send text:=@o‸", "mail.send text:=@other.json "},
		{"mail.send bytes:@o‸", "mail.send bytes:@other.json "},
		{"mail.send @fol‸", "mail.send @folder/"},
		{"mail.send @folder/a‸", "mail.send @folder/a.json "},
		{"mail.send @.h‸", "mail.send @.hidden "},
		{"ls > o‸", "ls > other.json "},
		{"ls >> folder/a‸", "ls >> folder/a.json "},
		{"ls > so‸", "ls > 'some file.json' "},
		{"mail.send @nowhere/‸", ""},
	} {
		found := complete(t, "", tc.typed)
		got := strings.Join(found.Words, " | ")
		if got != "" {
			got = tc.typed[:found.Start] + got
		}
		if got != tc.want {
			t.Errorf("%q: %q, want %q", tc.typed, got, tc.want)
		}
	}
	if found := complete(t, "", "mail.send @‸"); found.Words != nil || found.Note != "'@folder/  '@other.json'  '@some file.json'" {
		t.Errorf("words %q, note %q; want the files in the note, as a quote would take the place of the @", found.Words, found.Note)
	}
}

// FuzzCompletion: whatever is typed, the words stand for letters of the line, and a person loses none
// of them to a list.
func FuzzCompletion(f *testing.F) {
	for _, line := range []string{"math.m", "$a = time math.add $(clock.face 've", `ls |> .a; call "ma`, "!x", "clock.face [1, {\"a\": 'b", "> f", "'é"} {
		f.Add(line, len(line))
	}
	f.Fuzz(func(t *testing.T, line string, point int) {
		point = min(max(point, 0), len(line))
		found := (&repl.Completer{Table: command.Commands(), Env: &command.Env{}, Registry: world(), Variables: []string{"sum"}}).Complete(t.Context(), line, point)
		if found.Start < 0 || found.Start > point {
			t.Fatalf("%q at %d: start %d", line, point, found.Start)
		}
		if len(found.Words) < 2 {
			return
		}
		for _, word := range found.Words {
			if !strings.HasPrefix(word, line[found.Start:point]) {
				t.Errorf("%q at %d: %q would lose letters", line, point, found.Words)
			}
		}
	})
}
