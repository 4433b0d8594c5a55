package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/config"
)

// shape has a field of each kind that files use.
type shape struct {
	Name  string                   `toml:"name"`
	Count int                      `toml:"count"`
	Sure  bool                     `toml:"sure"`
	Words []string                 `toml:"words"`
	Call  map[string]config.Values `toml:"call"`
	Free  any                      `toml:"free"`
	Tell  *string                  `toml:"tell"`
	Quiet string                   // which no file may say
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFind(t *testing.T) {
	for _, tc := range []struct{ name, named, home, path, config, contexts, calls string }{
		{"the user's folder", "", "/home/a/.config",
			"/home/a/.config/netsvc", "/home/a/.config/netsvc/config.toml", "/home/a/.config/netsvc/contexts.toml", "/home/a/.config/netsvc/calls.toml"},
		{"a file of a name", "/etc/n/mine.toml", "/home/a/.config", "/etc/n", "/etc/n/mine.toml", "/etc/n/contexts.toml", "/etc/n/calls.toml"},
		{"a file in this folder", "mine.toml", "", ".", "mine.toml", "contexts.toml", "calls.toml"},
		{"nowhere", "", "", "", "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := config.Find(tc.named, tc.home)
			got := []string{f.Path(), f.Config(), f.Contexts(), f.Calls()}
			if want := []string{tc.path, tc.config, tc.contexts, tc.calls}; strings.Join(got, "|") != strings.Join(want, "|") {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestRead(t *testing.T) {
	path := write(t, "f.toml", "\ufeff# settings\r\ncontext = \"lab\"\r\ntimeout = '10s'\nconnect-timeout = \"\"\"1s\"\"\"\n")
	c := config.Config{Values: config.Values{Color: "never", Timeout: "1h"}}
	f, err := config.Read(path, &c)
	want := config.Config{Context: "lab", Values: config.Values{Timeout: "10s", ConnectTimeout: "1s", Color: "never"}}
	if err != nil || !f.Present || c != want {
		t.Errorf("got %+v, present %v, %v; want %+v", c, f.Present, err, want)
	}
}

func TestReadKinds(t *testing.T) {
	path := write(t, "f.toml", `
name = "n"
count = 3
sure = true
words = ["a", "b"]
tell = "t"
free = [1, "2", {x = 1.5}]
call.short.exchange = "1"
[call."long name"]
exchange = "2"
`)
	var got shape
	if _, err := config.Read(path, &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "n" || got.Count != 3 || !got.Sure || len(got.Words) != 2 || *got.Tell != "t" || got.Free == nil ||
		got.Call["short"].Exchange != "1" || got.Call["long name"].Exchange != "2" {
		t.Errorf("got %+v", got)
	}
}

func TestReadOfWhatIsNotThere(t *testing.T) {
	for _, path := range []string{"", filepath.Join(t.TempDir(), "none", "f.toml")} {
		c := config.Config{Context: "kept"}
		f, err := config.Read(path, &c)
		if err != nil || f.Present || c.Context != "kept" {
			t.Errorf("Read(%q) = %+v, present %v, %v; want nothing", path, c, f.Present, err)
		}
	}
}

func TestFaultsOfFiles(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		v          any
		want, key  string
		near       string
	}{
		{"unknown key", "exchange = \"1\"\n\ntimout = \"1s\"", &config.Config{}, ":3: unknown key timout", "timout", "timeout"},
		{"unknown key that is like none", "zebra = 1", &config.Config{}, ":1: unknown key zebra", "zebra", ""},
		{"key in capitals", "Timeout = '1s'", &config.Config{}, ":1: unknown key Timeout", "Timeout", "timeout"},
		{"unknown key of a context", "[context.a]\n[context.b]\nexchagne = \"x\"", &config.Contexts{},
			":3: unknown key context.b.exchagne", "context.b.exchagne", "exchange"},
		{"unknown table", "\n[contexts.lab]\nexchange = \"x\"", &config.Contexts{}, ":2: unknown key contexts", "contexts", "context"},
		{"name in quotes", "[context.\"a b\"]\nx = 1", &config.Contexts{}, ":2: unknown key context.\"a b\".x", "context.\"a b\".x", ""},
		{"number for text", "timeout = 5", &config.Config{}, ":1: timeout wants a text in quotes", "timeout", ""},
		{"list for text", "\nexchange = [\n'a']", &config.Config{}, ":2: exchange wants a text in quotes", "exchange", ""},
		{"table for text", "[exchange]\nport = 1", &config.Config{}, ":1: exchange wants a text in quotes", "exchange", ""},
		{"table for text, dotted", "exchange.port = 1", &config.Config{}, ":1: exchange is no table", "exchange", ""},
		{"text for table", "context = 'a'", &config.Contexts{}, ":1: context wants a table", "context", ""},
		{"text for table, deeper", "[context]\nlab = '11111'", &config.Contexts{}, ":2: context.lab wants a table", "context.lab", ""},
		{"list of tables", "[[context]]\nlab = 1", &config.Contexts{}, ":1: context wants a table", "context", ""},
		{"text for number", "count = '3'", &shape{}, ":1: count wants a whole number", "count", ""},
		{"fraction for number", "count = 3.5", &shape{}, ":1: count wants a whole number", "count", ""},
		{"number for switch", "sure = 1", &shape{}, ":1: sure wants true or false", "sure", ""},
		{"text for list", "words = 'a'", &shape{}, ":1: words wants a list", "words", ""},
		{"number for text behind a pointer", "tell = 1", &shape{}, ":1: tell wants a text in quotes", "tell", ""},
		{"field that is not for files", "Quiet = 1", &shape{}, ":1: unknown key Quiet", "Quiet", ""},
		{"the first of several", "b = 1\nzebra = 1\na = 1\n", &config.Config{}, ":1: unknown key b", "b", ""},
		{"no TOML", "exchange = \"1\"\ntimeout = 1s\n", &config.Config{}, ":2: no TOML: ", "", ""},
		{"key twice", "log = '1'\nlog = '2'", &config.Config{}, ":2: no TOML: ", "", ""},
		{"no text at all", "\x00\xff", &config.Config{}, ":1: no TOML: ", "", ""},
		{"number in a list of texts", "words = ['a', 1]", &shape{}, ": line 1", "", ""},
		{"too large", strings.Repeat("#", 1<<20+1), &config.Config{}, ": is too large: more than 1048576 bytes", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := write(t, "f.toml", tc.text)
			_, err := config.Read(path, tc.v)
			var fault *config.Error
			if !errors.As(err, &fault) {
				t.Fatalf("err = %v, want an Error", err)
			}
			if !strings.HasPrefix(err.Error(), path+tc.want) || fault.Key != tc.key || fault.Near != tc.near {
				t.Errorf("got  %v, key %q, near %q\nwant %s%s, key %q, near %q", err, fault.Key, fault.Near, path, tc.want, tc.key, tc.near)
			}
		})
	}
}

func TestReadOfWhatIsNoFile(t *testing.T) {
	folder := t.TempDir()
	_, err := config.Read(folder, &config.Config{})
	if want := folder + ": is a directory"; err == nil || err.Error() != want {
		t.Errorf("err = %v, want %s", err, want)
	}
	_, err = config.Read(filepath.Join(write(t, "plain", ""), "f.toml"), &config.Config{})
	if err == nil || !strings.HasSuffix(err.Error(), ": not a directory") {
		t.Errorf("err = %v, want not a directory", err)
	}
}

func TestFaultOfAValue(t *testing.T) {
	path := write(t, "contexts.toml", "current = 'a'\n[context.a]\ntimeout = '1s'\n\n[context.b]\noutput = 'json'\ntimeout = 'soon'\n")
	var c config.Contexts
	f, err := config.Read(path, &c)
	if err != nil {
		t.Fatal(err)
	}
	got := f.Fault([]string{"context", "b", "timeout"}, " wants a duration", "")
	if want := path + ":7: context.b.timeout wants a duration"; got.Error() != want {
		t.Errorf("got %v, want %s", got, want)
	}
	got = f.Fault([]string{"context", "c", "timeout"}, " is missing", "")
	if want := path + ": context.c.timeout is missing"; got.Error() != want {
		t.Errorf("of a key that is not there: got %v, want %s", got, want)
	}
}

// TestValuesOf holds Values.Of to the keys that a file may have.
func TestValuesOf(t *testing.T) {
	names := []string{"exchange", "gateway", "timeout", "connect-timeout", "output", "color", "log", "theme", "clipboard"}
	var text strings.Builder
	for _, name := range names {
		text.WriteString(name + " = 'value of " + name + "'\n")
	}
	var v config.Values
	if _, err := config.Read(write(t, "f.toml", text.String()), &v); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if got, want := v.Of(name), "value of "+name; got == nil || *got != want {
			t.Errorf("Of(%q) = %v, want %s", name, got, want)
		}
	}
	if got := v.Of("context"); got != nil {
		t.Errorf("Of of an unknown key = %q, want nil", *got)
	}
}
