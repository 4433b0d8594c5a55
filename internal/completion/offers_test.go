package completion_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/completion"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// registry is one that a test has made up.
type registry struct {
	instances []service.Info
	methods   map[string][]value.Signature
	asked     []string
}

func (r *registry) Instances(_ context.Context, pattern string) []service.Info {
	r.asked = append(r.asked, pattern)
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

func world() *registry {
	web := []string{"web"}
	return &registry{
		instances: []service.Info{
			instance("_exchange", 1, nil, nil),
			instance("math", 3, web, nil), instance("math", 4, web, nil),
			instance("clock", 5, []string{"web", "time"}, []string{"tick", "alarm-*"}),
			instance("evil\x1b[2J", 6, []string{"evil\tgroup"}, []string{"sub\nject"}),
			instance("mail", 7, nil, nil),
		},
		methods: map[string][]value.Signature{
			"math":    {{Name: "add", Params: []value.Param{{Name: "x", Type: &value.Type{Kind: value.Int}}}, Result: &value.Type{Kind: value.Int}}, {Name: "mean.geometric"}},
			"math@3":  {{Name: "add"}, {Name: "old"}},
			"math@4":  {{Name: "add"}},
			"clock@5": {{Name: "now"}, {Name: "no\x07w"}},
		},
	}
}

// texts are the candidates, those that may go on with a + behind them.
func texts(c *completion.Candidates) string {
	result := c.Result()
	var list []string
	for _, candidate := range result.Candidates {
		if candidate.Open {
			candidate.Text += "+"
		}
		list = append(list, candidate.Text)
	}
	if result.Files {
		list = append(list, "FILES")
	}
	return strings.Join(list, " ")
}

func TestNamesOfTheRegistry(t *testing.T) {
	type offer = func(ctx context.Context, from completion.Registry, c *completion.Candidates)
	subjects := func(ctx context.Context, from completion.Registry, c *completion.Candidates) {
		completion.Subjects(ctx, from, true, c)
	}
	published := func(ctx context.Context, from completion.Registry, c *completion.Candidates) {
		completion.Subjects(ctx, from, false, c)
	}
	web := func(ctx context.Context, from completion.Registry, c *completion.Candidates) {
		completion.GroupMethods(ctx, from, "web", c)
	}
	webSubjects := func(ctx context.Context, from completion.Registry, c *completion.Candidates) {
		completion.GroupSubjects(ctx, from, "web", c)
	}
	for _, tc := range []struct {
		name  string
		offer offer
		word  string
		want  string
	}{
		{"services", completion.Services, "", "clock mail math"},
		{"services that begin so", completion.Services, "ma", "mail math"},
		{"a hidden name that is begun", completion.Services, "_", "_exchange"},
		{"a pattern is ready", completion.Services, "m*", ""},
		{"addresses of a name", completion.Services, "math@", "math@3 math@4"},
		{"an address that is begun", completion.Services, "math@4", "math@4"},
		{"addresses of nobody", completion.Services, "@", ""},
		{"names alone", completion.ServiceNames, "math@", ""},
		{"the way to addresses", completion.Addresses, "mat", "math@+"},
		{"targets", completion.Targets, "", "clock.+ mail.+ math.+"},
		{"targets that begin so", completion.Targets, "c", "clock.+"},
		{"addresses as targets", completion.Targets, "math@", "math@3.+ math@4.+"},
		{"methods", completion.Targets, "math.", "math.add math.mean.geometric"},
		{"methods behind the first dot", completion.Targets, "math.mean.g", "math.mean.geometric"},
		{"methods of an address", completion.Targets, "math@3.o", "math@3.old"},
		{"methods of nobody", completion.Targets, "moth.", ""},
		{"what to describe", completion.Described, "mat", "math+"},
		{"addresses to describe", completion.Described, "math@", "math@3+ math@4+"},
		{"a method to describe", completion.Described, "math.a", "math.add"},
		{"groups", completion.Groups, "", "time web"},
		{"methods of a group, each once", web, "", "add old now"},
		{"services to subscribe to", subjects, "", "clock+ mail math"},
		{"a service that is typed, with its subjects", subjects, "clock", "clock+ clock:alarm-* clock:tick"},
		{"subjects", subjects, "clock:t", "clock:tick"},
		{"subjects of an address", subjects, "clock@5:", "clock@5:alarm-* clock@5:tick"},
		{"an address to subscribe to", subjects, "clock@", "clock@5+"},
		{"who publishes", published, "cl", "clock:+"},
		{"subjects of a group", webSubjects, "", "alarm-* tick"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := completion.Collect(tc.word)
			tc.offer(t.Context(), world(), c)
			if got := texts(c); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestOnlyWhatIsTypedIsAskedFor(t *testing.T) {
	from := world()
	completion.Services(t.Context(), from, completion.Collect("ma"))
	completion.Targets(t.Context(), from, completion.Collect("math@"))
	if want := []string{"ma*", "math"}; !slices.Equal(from.asked, want) {
		t.Errorf("asked for %q, want %q", from.asked, want)
	}
}

func TestDescriptionsAreSafe(t *testing.T) {
	from := &registry{instances: []service.Info{instance("math", 3, nil, nil)}}
	from.instances[0].Description = "one\x1b[2J\u202e\ttwo\nthree"
	c := completion.Collect("")
	completion.Services(t.Context(), from, c)
	result := c.Result()
	if want := `one\x1b[2J\u202e\ttwo`; len(result.Candidates) != 1 || result.Candidates[0].Description != want {
		t.Errorf("got %+v, want the description %q", result.Candidates, want)
	}
}

func TestThereAreNotTooManyCandidates(t *testing.T) {
	c := completion.Collect("")
	for i := range 5000 {
		c.Add(strings.Repeat("x", i+1), "")
	}
	if got := len(c.Result().Candidates); got != 1000 {
		t.Errorf("%d candidates, want 1000", got)
	}
}

func TestArguments(t *testing.T) {
	enum := &value.Type{Kind: value.Text, Enum: []string{"low", "high", "very high", "@home", "-off"}}
	sig := &value.Signature{Name: "set", Params: []value.Param{
		{Name: "level", Type: enum}, {Name: "on", Type: &value.Type{Kind: value.Bool}, Doc: "at once"}, {Name: "n", Type: &value.Type{Kind: value.Int}},
	}}
	rest := &value.Signature{Name: "all", Variadic: true, Params: []value.Param{{Name: "on", Type: &value.Type{Kind: value.Bool}}}}
	for _, tc := range []struct {
		name          string
		sig           *value.Signature
		before, after string
		word, want    string
	}{
		{"values of the first, and names", sig, "", "", "", "low high very high str:@home str:-off level=+ level:=+ on=+ on:=+ n=+ n:=+"},
		{"values that begin so", sig, "", "", "l", "low level=+ level:=+"},
		{"the second", sig, "low", "", "", "true false on=+ on:=+ n=+ n:=+"},
		{"the third has no values", sig, "low true", "", "", "n=+ n:=+"},
		{"one too many", sig, "low true 3", "", "", ""},
		{"one is given by name", sig, "on=true", "", "", "low high very high str:@home str:-off level=+ level:=+ n=+ n:=+"},
		{"one is given behind the cursor", sig, "low", "n:=3", "", "true false on=+ on:=+"},
		{"values behind a name", sig, "low", "", "on=t", "on=true"},
		{"an enum behind a name", sig, "", "", "level=h", "level=high"},
		{"JSON behind a name", sig, "", "", "on:=", "on:=true on:=false"},
		{"an enum as JSON", sig, "", "", `level:="v`, `level:="very high"`},
		{"JSON by position", sig, "low", "", ":=f", ":=false"},
		{"no name of a parameter", sig, "", "", "on2=", ""},
		{"the rest of a variadic", rest, "true false", "", "f", "false"},
		{"the rest as a list has no values", rest, "", "", "on:=", ""},
		{"a file", sig, "", "", "@fi", "FILES"},
		{"a file of JSON", sig, "", "", ":@fi", "FILES"},
		{"a file of bytes", sig, "", "", "bytes:@fi", "FILES"},
		{"a file behind a name", sig, "", "", "n=@fi", "FILES"},
		{"a file of JSON behind a name", sig, "", "", "n:=@fi", "FILES"},
		{"a file of JSON by position", sig, "", "", ":=@fi", "FILES"},
		{"a text that begins with @", sig, "", "", "@@fi", ""},
		{"a file without a signature", nil, "", "", "@", "FILES"},
		{"nothing without a signature", nil, "", "", "x", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := completion.Collect(tc.word)
			completion.Arguments(tc.sig, strings.Fields(tc.before), strings.Fields(tc.after), c)
			if got := texts(c); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// TestEnumsReadBack: what is offered for an enum is read as that value.
func TestEnumsReadBack(t *testing.T) {
	enum := &value.Type{Kind: value.Text, Enum: []string{"low", "@home", "-", ":-", "b64:AA", "str:x", "date:2026-01-01"}}
	sig := &value.Signature{Name: "set", Params: []value.Param{{Name: "level", Type: enum}}}
	c := completion.Collect("")
	completion.Arguments(sig, nil, nil, c)
	var read []string
	for _, candidate := range c.Result().Candidates {
		if !candidate.Open {
			args, err := value.ParseArgs([]string{candidate.Text}, sig, nil)
			if err != nil {
				t.Fatalf("%s: %v", candidate.Text, err)
			}
			read = append(read, args[0].(string))
		}
	}
	if !slices.Equal(read, enum.Enum) {
		t.Errorf("read back %q, want %q", read, enum.Enum)
	}
}

func TestSignatures(t *testing.T) {
	from := world()
	for _, tc := range []struct {
		name string
		got  *value.Signature
		want string
	}{
		{"of a service", completion.Signature(t.Context(), from, "math.mean.geometric"), "mean.geometric"},
		{"of an address", completion.Signature(t.Context(), from, "math@3.old"), "old"},
		{"of nobody", completion.Signature(t.Context(), from, "math.nothing"), ""},
		{"of a service alone", completion.Signature(t.Context(), from, "math"), ""},
		{"of a group", completion.GroupSignature(t.Context(), from, "web", "now"), "now"},
		{"of nobody in a group", completion.GroupSignature(t.Context(), from, "web", "never"), ""},
	} {
		got := ""
		if tc.got != nil {
			got = tc.got.Name
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
