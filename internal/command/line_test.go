package command_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
)

func TestSplit(t *testing.T) {
	for _, tc := range []struct {
		name    string
		words   string // separated by blanks
		command string
		globals string
		flags   string
		args    string
	}{
		{"arguments only", "call math.multiply 3 4", "call", "", "", "math.multiply 3 4"},
		{"a flag behind the arguments", "call math.multiply 3 4 -o json", "call", "--output=json", "", "math.multiply 3 4"},
		{"a flag before the command", "-x 11112 ls", "ls", "--exchange=11112", "", ""},
		{"a flag between arguments", "call -t 5s math.multiply 3 --output=jsonl 4", "call", "--timeout=5s --output=jsonl", "", "math.multiply 3 4"},
		{"negative numbers are arguments", "call m.f 3 -4 -.5 -1e3 -Inf -Infinity -", "call", "", "", "m.f 3 -4 -.5 -1e3 -Inf -Infinity -"},
		{"a negative value of a flag", "ls --group -1 2", "ls", "", "--group=-1", "2"},
		{"switches together", "call -rv m.f", "call", "--output=raw --verbose=true", "", "m.f"},
		{"switches and a letter with its value", "call m.f -vrq .a -rq.b -vrt=5s", "call",
			"--verbose=true --output=raw --jq=.a --output=raw --jq=.b --verbose=true --output=raw --timeout=5s", "", "m.f"},
		{"flags end at --", "call m.f -- -o json --", "call", "", "", "m.f -o json --"},
		{"-- before everything", "-- call m.f -v", "call", "", "", "m.f -v"},
		{"flags of the command", "ls ma* --group web --instances", "ls", "", "--group=web --instances=true", "ma*"},
		{"an alias", "desc math", "describe", "", "", "math"},
		{"short switches", "ls -v", "ls", "--verbose=true", "", ""},
		{"a switch with a value", "ls --instances=false", "ls", "", "--instances=false", ""},
		{"a given flag twice", "ls -o json -o jsonl", "ls", "--output=json --output=jsonl", "", ""},
		{"an argument like a flag's name", "ls output", "ls", "", "", "output"},
		{"a letter with its value", "call -ojson -q.a==1 -x127.0.0.1:1 m.f", "call", "--output=json --jq=.a==1 --exchange=127.0.0.1:1", "", "m.f"},
		{"raw output", "-r call m.f", "call", "--output=raw", "", "m.f"},
		{"output that is not raw", "call --raw=false m.f", "call", "", "", "m.f"},
		{"an empty value", "ls --group=", "ls", "", "--group=", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			line, err := command.Commands().Split(strings.Fields(tc.words))
			if err != nil {
				t.Fatalf("Split(%q): %v", tc.words, err)
			}
			if line.Command.Name != tc.command {
				t.Errorf("command = %s, want %s", line.Command.Name, tc.command)
			}
			for _, part := range []struct {
				what string
				got  []string
				want string
			}{{"globals", line.Globals, tc.globals}, {"flags", line.Flags, tc.flags}, {"arguments", line.Args, tc.args}} {
				if !slices.Equal(part.got, strings.Fields(part.want)) {
					t.Errorf("%s = %q, want %q", part.what, part.got, part.want)
				}
			}
		})
	}
}

func TestSplitRefuses(t *testing.T) {
	for _, tc := range []struct{ name, words, message, hint string }{
		{"an unknown command", "lss", `unknown command "lss"`, "ls"},
		{"a command unlike any", "frobnicate", `unknown command "frobnicate"`, "netsvc --help lists the commands"},
		{"an unknown flag", "ls --instance", "unknown flag --instance of ls", "--instances"},
		{"an unknown flag unlike any", "ls --zzzzzzzzzz", "unknown flag --zzzzzzzzzz of ls", "netsvc ls --help lists the flags"},
		{"an unknown flag before the command", "--outputs=json ls", "unknown flag --outputs", "--output"},
		{"another command's flag", "call --instances m.f", "unknown flag --instances of call", "netsvc call --help lists the flags"},
		{"a long flag with one dash", "ls -output json", "unknown flag -output of ls", "--output"},
		{"a switch with a value behind its letter", "ls -vy", "unknown flag -vy of ls", "netsvc ls --help lists the flags"},
		{"switches together, but for the last", "ls -rvP", "unknown flag -rvP of ls", "netsvc ls --help lists the flags"},
		{"a missing value behind switches", "ls -rvx", "--exchange wants a value: --exchange ADDR", ""},
		{"a negative timeout", "ls -t -1s", `--timeout wants a duration that is not negative, not "-1s"`, ""},
		{"a negative time to connect", "ls --connect-timeout=-1s", `--connect-timeout wants a duration that is not negative, not "-1s"`, ""},
		{"a bad value behind a letter", "ls -ojsnol", `--output wants one of auto, json, jsonl, yaml, table, name, raw, not "jsnol"`, "jsonl"},
		{"a missing value", "ls -o", "--output wants a value: --output FMT", ""},
		{"a flag in place of a value", "ls --group --instances", "--group wants a value: --group GROUP", ""},
		{"-- in place of a value", "ls -o -- x", "--output wants a value: --output FMT", ""},
		{"a format that is not there", "ls -o xml", `--output wants one of auto, json, jsonl, yaml, table, name, raw, not "xml"`, ""},
		{"a format nearly there", "ls -o jsnol", `--output wants one of auto, json, jsonl, yaml, table, name, raw, not "jsnol"`, "jsonl"},
		{"no duration", "ls -t 5", `--timeout wants a duration such as 500ms, 10s or 1m30s, not "5"`, ""},
		{"no switch", "ls --instances=maybe", `--instances wants true or false, not "maybe"`, ""},
		{"a missing argument", "call", "call: an argument is missing", "netsvc call SERVICE.METHOD [ARG...]"},
		{"an argument too many", "describe a b", `describe: one argument too many: "b"`, "netsvc describe SERVICE[.METHOD]"},
		{"a dash and a word", "ls -frobnicate", "unknown flag -frobnicate of ls", "netsvc ls --help lists the flags"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := command.Commands().Split(strings.Fields(tc.words))
			var e *command.Error
			if !errors.As(err, &e) {
				t.Fatalf("Split(%q) = %v, want a usage error", tc.words, err)
			}
			if e.Exit != command.ExitUsage || e.Code != "usage" || e.Message != tc.message || e.Hint != tc.hint {
				t.Errorf("got exit %d, code %s, message %q, hint %q\nwant exit 2, message %q, hint %q",
					e.Exit, e.Code, e.Message, e.Hint, tc.message, tc.hint)
			}
		})
	}
}

func TestSplitOfHelpAndVersion(t *testing.T) {
	for _, tc := range []struct {
		name, words   string
		help, version bool
	}{
		{"help of a command", "call --help", true, false},
		{"help before the command", "-h call", true, false},
		{"help wins over a missing argument", "describe -h", true, false},
		{"help alone", "--help", true, false},
		{"version alone", "--version", false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			line, err := command.Commands().Split(strings.Fields(tc.words))
			if err != nil || line.Help != tc.help || line.Version != tc.version {
				t.Errorf("help %v, version %v, err %v; want %v, %v", line.Help, line.Version, err, tc.help, tc.version)
			}
		})
	}
}

func TestSplitReadsOnBehindAnError(t *testing.T) {
	for _, words := range []string{"ls -o json --nonsense", "ls --nonsense -o json", "nonsense -o json", "call -o json", "ls -t x -o json"} {
		line, err := command.Commands().Split(strings.Fields(words))
		if err == nil || !slices.Equal(line.Globals, []string{"--output=json"}) {
			t.Errorf("Split(%q): globals = %q, err = %v; want the format and an error", words, line.Globals, err)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"call m.f 3 -4", "-x 1 ls -o json", "ls -- -o", "ls -o", "-", "--", "-=", "--=x", "call -Inf - -.", "",
		"-vv", "ls -vvv", "gateway --allow 127.0.0.1 --deny ::1", "call -rv m.f -3",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, words string) {
		list := strings.Split(words, " ")
		line, _ := command.Commands().Split(list)
		if !isPart(line.Args, list) {
			t.Errorf("Split(%q) made arguments up: %q", list, line.Args)
		}
		// One word may hold a flag a letter, and a flag may be kept under two names.
		if len(line.Globals)+len(line.Flags) > 2*len(words) {
			t.Errorf("Split(%q) made flags up: %q %q", list, line.Globals, line.Flags)
		}
	})
}

// isPart reports whether the words of part stand in whole in that order, others between them or
// not.
func isPart(part, whole []string) bool {
	for _, word := range whole {
		if len(part) > 0 && part[0] == word {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// family is a table with commands of commands.
func family() command.Table {
	run := func(context.Context, *command.Env) error { return nil }
	return command.Table{
		{Name: "context", Sub: command.Table{
			{Name: "context ls", Run: run},
			{Name: "context add", Args: "NAME", MinArgs: 1, MaxArgs: 1, Run: run, Flags: []command.Flag{{Name: "force", Kind: command.Switch}}},
		}},
		{Name: "xmlrpc", MaxArgs: -1, Run: run, Sub: command.Table{{Name: "xmlrpc decode", Run: run}}},
	}
}

func TestSplitOfCommandsOfCommands(t *testing.T) {
	for _, tc := range []struct{ name, words, command, args, message string }{
		{"the first argument chooses", "context ls", "context ls", "", ""},
		{"flags around it", "-v context --quiet add --force lab", "context add", "lab", ""},
		{"the second is an argument", "context add ls", "context add", "ls", ""},
		{"its arguments are counted", "context add", "", "", "context add: an argument is missing"},
		{"one must be chosen", "context", "", "", "context: which of ls, add?"},
		{"a near one", "context ad", "", "", `unknown command "context ad"`},
		{"a command that takes arguments, too", "xmlrpc http://x m", "xmlrpc", "http://x m", ""},
		{"its own command", "xmlrpc decode", "xmlrpc decode", "", ""},
		{"no command behind --", "xmlrpc -- decode", "xmlrpc", "decode", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			line, err := family().Split(strings.Fields(tc.words))
			if tc.message != "" {
				if err == nil || err.Error() != tc.message {
					t.Errorf("err = %v, want %s", err, tc.message)
				}
				return
			}
			if err != nil || line.Command.Name != tc.command || !slices.Equal(line.Args, strings.Fields(tc.args)) {
				t.Errorf("%+v, err %v; want %s with arguments %s", line, err, tc.command, tc.args)
			}
		})
	}
}
