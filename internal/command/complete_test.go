package command_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/completion"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// known is a registry that a test has made up.
type known struct{}

func (known) Instances(_ context.Context, pattern string) []service.Info {
	var list []service.Info
	for i, name := range []string{"_exchange", "clock", "math", "math"} {
		info := service.Info{Name: name, Address: service.Address{Name: name, Number: uint32(i)}, Groups: []string{"web"}, Hash: [16]byte{name[0]}, Subjects: []string{"tick"}}
		if value.Match(pattern, name) {
			list = append(list, info)
		}
	}
	return list
}

func (known) Methods(_ context.Context, target string) []value.Signature {
	if !strings.HasPrefix(target, "math") {
		return nil
	}
	x := value.Param{Name: "x", Type: &value.Type{Kind: value.Int}}
	sure := value.Param{Name: "sure", Type: &value.Type{Kind: value.Bool}}
	return []value.Signature{{Name: "add", Params: []value.Param{x, sure}}, {Name: "divide"}}
}

// offered are the candidates at the cursor of a line, which | stands for, those that may go on
// with a + behind them.
func offered(typed string) string {
	before, behind, _ := strings.Cut(typed, "|")
	table := append(command.Table{parent()}, command.Commands()...)
	env := &command.Env{Table: table}
	result := table.Complete(context.Background(), completion.Split(before+behind, len(before)), env, known{})
	var list []string
	for _, c := range result.Candidates {
		if c.Open {
			c.Text += "+"
		}
		list = append(list, c.Text)
	}
	if result.Files {
		list = append(list, "FILES")
	}
	return strings.Join(list, " ")
}

// parent is a command with commands of its own.
func parent() *command.Command {
	run := func(context.Context, *command.Env) error { return nil }
	return &command.Command{Name: "box", Sub: command.Table{
		{Name: "box add", MinArgs: 1, MaxArgs: 2, Run: run, Complete: func(_ context.Context, q *command.Query) {
			q.Add(strings.Join(append(slices.Clone(q.Args), "next"), "-"), "")
		}, Flags: []command.Flag{
			{Name: "file", Kind: command.Text, Complete: command.AnyFile},
			{Name: "from", Kind: command.Texts, Arg: "NAME", Complete: command.AnyName},
			{Name: "force", Kind: command.Switch},
		}},
		{Name: "box rm", Run: run},
		{Name: "box secret", Run: run, Hidden: true},
	}}
}

func TestComplete(t *testing.T) {
	for _, tc := range []struct{ name, typed, want string }{
		{"commands", "l|", "ls logs"},
		{"commands behind flags", "-x 1234 -v ca|", "call"},
		{"no hidden command", "__|", ""},
		{"nothing behind an unknown command", "frobnicate |", ""},
		{"commands of a command", "box |", "add rm"},
		{"an argument of one of them", "box add |", "next"},
		{"the next argument", "box add one |", "one-next"},
		{"one too many", "box add one two |", ""},
		{"behind --", "box -- add|", ""},
		{"global flags", "--co|", "--context --connect-timeout --color"},
		{"flags of a command", "ls --in|", "--instances"},
		{"a dash alone shows short ones, too", "box add -|", "--file --from --force -x --exchange --context -t --timeout --connect-timeout " +
			"-o --output -q --jq -r --raw --color --no-input --quiet -v --verbose -h --help --version"},
		{"no flag twice", "box add --force --f|", "--file --from"},
		{"no flag that stands behind the cursor", "box add --f| --force --file x", "--from"},
		{"flags that may be repeated", "box add --from clock --fr|", "--from"},
		{"no flags behind --", "call -- -|", ""},
		{"values of a flag", "wait --for |", "available withdrawn"},
		{"values behind =", "wait --for=a|", "--for=available"},
		{"names for a flag", "box add --from m|", "math"},
		{"names behind =", "box add --from=m|", "--from=math"},
		{"files for a flag", "box add --file |", "FILES"},
		{"files behind =", "box add --file=x|", "FILES"},
		{"a switch with a value", "box add --force=|", "--force=true --force=false"},
		{"nothing for a duration", "ls -t |", ""},
		{"formats of the command", "ls -o j|", "json jsonl"},
		{"formats behind =", "completion --output=|", "--output=auto --output=json --output=jsonl"},
		{"all formats before a command", "-o ya|", "yaml"},
		{"services", "ls |", "clock math"},
		{"only one of them", "ls math |", ""},
		{"targets", "call |", "clock.+ math.+"},
		{"methods", "call math.|", "math.add math.divide"},
		{"methods of an address", "call math@3.d|", "math@3.divide"},
		{"methods in quotes", `call "math.d|`, "math.divide"},
		{"methods in the middle", "call math.d|i 3", "math.divide"},
		{"an alias of a command", "desc mat|", "math+"},
		{"arguments", "call math.add |", "x=+ x:=+ sure=+ sure:=+"},
		{"the second argument", "call math.add 3 |", "true false sure=+ sure:=+"},
		{"a flag is no argument", "call math.add -t 5s 3 t|", "true"},
		{"a negative number is one", "call math.add -3 t|", "true"},
		{"arguments behind the cursor", "call math.add sure=true | x=3", ""},
		{"arguments behind --", "call math.add -- 3 t|", "true"},
		{"values behind a name", "call math.add sure=|", "sure=true sure=false"},
		{"a file", "call math.add @|", "FILES"},
		{"methods of a group", "call --group web a|", "add"},
		{"arguments of a method of a group", "call --group web add 3 |", "true false sure=+ sure:=+"},
		{"a group that stands behind", "call a| --group web", "add"},
		{"groups", "call --group |", "web"},
		{"subjects", "sub clock:|", "clock:tick"},
		{"subjects of a group", "sub --group web |", "tick"},
		{"what to publish on", "pub c|", "clock:+"},
		{"what to publish", "pub build:done @|", "FILES"},
		{"many services", "wait clock m|", "math"},
		{"contexts", "--context |", "local"},
		{"a context to use", "context use l|", "local"},
		{"shells", "completion |", "bash zsh fish"},
		{"topics and commands", "help ex|", "exit-codes"},
		{"commands beside topics", "help ca|", "call"},
		{"commands of a command, for help", "help box |", "add rm"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := offered(tc.typed); got != tc.want {
				t.Errorf("%q offers %q, want %q", tc.typed, got, tc.want)
			}
		})
	}
}

// FuzzComplete: whatever is typed, what is offered begins like it and can be shown.
func FuzzComplete(f *testing.F) {
	for _, typed := range []string{"call math.add x=3 --group", "-x 1 box add --from=", `sub "clo`, "-- ls", "call --group web add :=", "help box "} {
		f.Add(typed, len(typed))
	}
	table := append(command.Table{parent()}, command.Commands()...)
	f.Fuzz(func(t *testing.T, typed string, point int) {
		line := completion.Split(typed, point)
		result := table.Complete(t.Context(), line, &command.Env{Table: table}, known{})
		for _, c := range result.Candidates {
			if !strings.HasPrefix(c.Text, line.Word) || strings.ContainsAny(c.Text+c.Description, "\t\n\x1b") {
				t.Errorf("%q offers %+v, which does not follow", typed, c)
			}
		}
	})
}

// TestCompletingLooksWhereTheLineDoes: of the line to complete, what names the exchange is taken
// over, wherever it stands.
func TestCompletingLooksWhereTheLineDoes(t *testing.T) {
	for _, tc := range []struct{ name, typed, want string }{
		{"before the cursor", "netsvc -x 1234 call |", "--exchange=1234"},
		{"behind the cursor", "netsvc call | -x 1234", "--exchange=1234"},
		{"the context", "netsvc --context prod call |", "--context=prod"},
		{"nothing else", "netsvc -o yaml -t 1s -v --quiet call |", ""},
		{"not what is being typed", "netsvc call -x 12|", ""},
		{"not behind --", "netsvc call -- -x 1234 |", ""},
		{"an alias with quotes", "nv call 'a b' --exchange='h:1' |", "--exchange=h:1"},
		{"no program", "|", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before, behind, _ := strings.Cut(tc.typed, "|")
			words := []string{"__complete", "--line", before + behind, "--point", strconv.Itoa(len(before))}
			line, err := command.Commands().Split(words)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(command.Commands().Completing(line).Globals, " "); got != tc.want {
				t.Errorf("globals %q, want %q", got, tc.want)
			}
		})
	}
}
