package render_test

import (
	"testing"

	"github.com/netsvc/netsvc/internal/render"
)

func TestLookOf(t *testing.T) {
	const always, auto, never = render.ColorAlways, render.ColorAuto, render.ColorNever
	for _, tc := range []struct {
		name     string
		terminal bool
		choice   render.Choice
		env      map[string]string
		want     bool
	}{
		{"a terminal", true, auto, nil, true},
		{"a pipe", false, auto, nil, false},
		{"NO_COLOR", true, auto, map[string]string{"NO_COLOR": "1"}, false},
		{"an empty NO_COLOR says nothing", true, auto, map[string]string{"NO_COLOR": ""}, true},
		{"a dumb terminal", true, auto, map[string]string{"TERM": "dumb"}, false},
		{"CLICOLOR_FORCE in a pipe", false, auto, map[string]string{"CLICOLOR_FORCE": "1"}, true},
		{"CLICOLOR_FORCE of 0", false, auto, map[string]string{"CLICOLOR_FORCE": "0"}, false},
		{"NO_COLOR against CLICOLOR_FORCE", true, auto, map[string]string{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, false},
		{"always, in a pipe", false, always, nil, true},
		{"always, against NO_COLOR", true, always, map[string]string{"NO_COLOR": "1"}, true},
		{"never, on a terminal", true, never, map[string]string{"CLICOLOR_FORCE": "1"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := render.LookOf(tc.terminal, tc.choice, func(name string) string { return tc.env[name] })
			if l.Color != tc.want || l.Terminal != tc.terminal {
				t.Errorf("LookOf = %+v, want colours %v on terminal %v", l, tc.want, tc.terminal)
			}
		})
	}
}

func TestLocales(t *testing.T) {
	for _, tc := range []struct {
		name  string
		env   map[string]string
		ascii bool
	}{
		{"none", nil, true},
		{"POSIX", map[string]string{"LANG": "POSIX"}, true},
		{"latin", map[string]string{"LANG": "de_DE.ISO-8859-1"}, true},
		{"UTF-8", map[string]string{"LANG": "de_DE.UTF-8"}, false},
		{"in small letters", map[string]string{"LANG": "C.utf8"}, false},
		{"of macOS", map[string]string{"LC_CTYPE": "UTF-8"}, false},
		{"LC_CTYPE against LANG", map[string]string{"LC_CTYPE": "C", "LANG": "de_DE.UTF-8"}, true},
		{"LC_ALL against both", map[string]string{"LC_ALL": "de_DE.UTF-8", "LC_CTYPE": "C", "LANG": "C"}, false},
		{"an empty one says nothing", map[string]string{"LC_ALL": "", "LANG": "de_DE.UTF-8"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := render.LookOf(true, render.ColorAuto, func(name string) string { return tc.env[name] })
			if l.ASCII != tc.ascii {
				t.Errorf("ASCII = %v, want %v", l.ASCII, tc.ascii)
			}
		})
	}
}

func TestAppendJSON(t *testing.T) {
	const doc = `{"a":[1,-2.5e+300,true,null],"b\"":"x\\","c":{},"d":"` + "\u202e" + `"}`
	for _, tc := range []struct {
		name   string
		look   render.Look
		indent bool
		want   string
	}{
		{"a pipe gets it verbatim", render.Look{}, false, doc},
		{"a terminal gets it safe", render.Look{Terminal: true}, false, `{"a":[1,-2.5e+300,true,null],"b\"":"x\\","c":{},"d":"\u202e"}`},
		{"indented", render.Look{Terminal: true}, true, "{\n  \"a\": [\n    1,\n    -2.5e+300,\n    true,\n    null\n  ],\n" +
			"  \"b\\\"\": \"x\\\\\",\n  \"c\": {},\n  \"d\": \"\\u202e\"\n}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := string(tc.look.AppendJSON(nil, []byte(doc), tc.indent)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestJSONInColours(t *testing.T) {
	got := string(render.Look{Color: true}.AppendJSON(nil, []byte(`{"a":[1,"b",null]}`), false))
	want := "{\x1b[36m\"a\"\x1b[0m:[\x1b[33m1\x1b[0m,\x1b[32m\"b\"\x1b[0m,\x1b[35mnull\x1b[0m]}"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
