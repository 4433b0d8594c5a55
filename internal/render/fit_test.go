package render_test

import (
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"github.com/netsvc/netsvc/internal/render"
)

func TestTablesFit(t *testing.T) {
	for _, tc := range []struct {
		name  string
		look  render.Look
		cells [][]string // the first row is the header
		want  string
	}{
		{"a pipe has room for all", render.Look{}, [][]string{{"A", "B"}, {"aaaaaaaaaa", "bbbbbbbbbb"}},
			"A           B\naaaaaaaaaa  bbbbbbbbbb\n"},
		{"just wide enough", render.Look{Width: 22}, [][]string{{"A", "B"}, {"aaaaaaaaaa", "bbbbbbbbbb"}},
			"A           B\naaaaaaaaaa  bbbbbbbbbb\n"},
		{"the last column gives way first", render.Look{Width: 17}, [][]string{{"A", "B"}, {"aaaaaaaaaa", "bbbbbbbbbb"}},
			"A           B\naaaaaaaaaa  bbbb…\n"},
		{"in ASCII", render.Look{Width: 17, ASCII: true}, [][]string{{"A", "B"}, {"aaaaaaaaaa", "bbbbbbbbbb"}},
			"A           B\naaaaaaaaaa  bbb..\n"},
		{"then the one before it", render.Look{Width: 30},
			[][]string{{"A", "B", "C"}, {"aaaaaaaa", "bbbbbbbbbb", "cccccccccc"}},
			"A         B          C\naaaaaaaa  bbbbbbbb…  cccccccc…\n"},
		{"what a row is of keeps half of the width", render.Look{Width: 40},
			[][]string{{"ADDRESS", "STATE", "IN FLIGHT", "SINCE", "PID"}, {"validator1@5", "ready", "123456789", "2026-11-24 03:37:49", "7478"}},
			"ADDRESS       STATE  IN FLIGHT\nvalidator1@5  ready  123456789\n"},
		{"even a long name, but no number is cut", render.Look{Width: 40},
			[][]string{{"ADDRESS", "STATE", "PID", "HOST"}, {"a-name-that-goes-on-and-on@5", "ready", "123456", "host"}},
			"ADDRESS                    STATE  PID\na-name-that-goes-on-and-…  ready  123456\n"},
		{"a header is cut as well", render.Look{Width: 12}, [][]string{{"NAME", "INSTANCES"}, {"math", "1"}},
			"NAME  INSTA…\nmath  1\n"},
		{"what has no room is left out", render.Look{Width: 12}, [][]string{{"A", "B", "C"}, {"aaaaaa", "bbbbbb", "cccccc"}},
			"A       B\naaaaaa  bbb…\n"},
		{"two columns stay", render.Look{Width: 5}, [][]string{{"A", "B"}, {"aaaaaa", "bbbbbb"}},
			"A   B\na…  …\n"},
		{"no room at all", render.Look{Width: 2}, [][]string{{"A", "B"}, {"aaaaaa", "bbbbbb"}}, "A\na…\n"},
		{"one column", render.Look{Width: 1, ASCII: true}, [][]string{{"A"}, {"aaaaaa"}}, "A\n.\n"},
		{"wide characters are not halved", render.Look{Width: 4}, [][]string{{"A"}, {"東京都"}}, "A\n東…\n"},
		{"nor marks torn off", render.Look{Width: 3}, [][]string{{"A"}, {"ae\u0301\u0302bc"}}, "A\nae\u0301\u0302…\n"},
		{"nor flags", render.Look{Width: 5}, [][]string{{"A"}, {"🇩🇪🇫🇷🇮🇹"}}, "A\n🇩🇪🇫🇷…\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			table := render.Table{Header: tc.cells[0], Rows: tc.cells[1:]}
			if got := string(table.Append(nil, tc.look)); got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
		})
	}
}

// TestColumnsAlign behind characters that take no, one or two columns.
func TestColumnsAlign(t *testing.T) {
	for _, tc := range []struct {
		name, cell string
		columns    int
	}{
		{"latin", "é", 1}, {"a combining mark", "e\u0301", 1}, {"han", "東京", 4}, {"hangul", "한", 2},
		{"half-width kana", "ｱ", 1}, {"an emoji", "🙂", 2}, {"with a tone of skin", "👍🏽", 2}, {"a flag", "🇩🇪", 2},
		{"a heart as emoji", "❤\ufe0f", 2}, {"devanagari", "नि", 2}, {"a circled digit", "①", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			table := render.Table{Header: []string{"HEADER", "B"}}
			table.Add(tc.cell, "x")
			_, row, _ := strings.Cut(string(table.Append(nil, render.Look{Terminal: true})), "\n")
			want := tc.cell + strings.Repeat(" ", len("HEADER")-tc.columns+2) + "x\n"
			if row != want {
				t.Errorf("got %q, want %q", row, want)
			}
		})
	}
}

func FuzzTablesFit(f *testing.F) {
	f.Add("NAME", "math", "東京", "🙂🇩🇪", 9, true)
	f.Add("", "a\u0301", "x\x1b[2J", "long long long", 1, false)
	f.Add("H", "1\ufe0f\u20e3", "👩\u200d👩", "\xff", 24, false)
	f.Fuzz(func(t *testing.T, header, a, b, c string, width int, ascii bool) {
		if width < 1 || width > 200 {
			t.Skip()
		}
		table := render.Table{Header: []string{"NAME", "B", "C"}}
		table.Add(a, b, c)
		table.Add(c, header, a)
		got := string(table.Append(nil, render.Look{Terminal: true, Width: width, ASCII: ascii}))
		for line := range strings.Lines(got) {
			if columns := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); columns > width {
				t.Errorf("%q takes %d columns of %d", line, columns, width)
			}
		}
		if strings.Count(got, "\n") != 3 {
			t.Errorf("got %q, want three lines", got)
		}
	})
}

func TestAnswersFit(t *testing.T) {
	look := render.Look{Terminal: true, Width: 24}
	table := render.NewAnswerTable([]string{"echo@1", "echo@12"})
	var got []byte
	got = table.AppendValue(got, look, "echo@12", []byte(`"short"`))
	got = table.AppendValue(got, look, "echo@1", []byte("{\"long\":\"\u202etext\"}"))
	got = table.AppendFailure(got, look, "echo@1", "busy: try\nagain later")
	want := "INSTANCE  VALUE\necho@12   \"short\"\necho@1    {\"long\":\"\\u20…\necho@1    busy: try\\nag…\n"
	if string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
