package topscreen

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/screen"
)

// names are the first rows of the screen, up to the first blank.
func (s *stage) names(n int) string {
	var names []string
	for _, r := range s.m.rows() {
		name, _, _ := strings.Cut(r.name, "-")
		names = append(names, name)
	}
	return strings.Join(names[:min(n, len(names))], " ")
}

func TestOrder(t *testing.T) {
	for _, tc := range []struct {
		keys string
		want string
	}{
		{"", "math@3 math@9 evil"},
		{"r", "数学数学数学数学@12 clock@4 worker00@20"},
		{"s", "sigma math@9 math@3"},
		{"ss", "sigma math@3 clock@4"},
		{"sss", "sigma math@9 math@3"},
		{"ssss", "clock@4 evil math@3"},
		{"ssssr", "数学数学数学数学@12 worker19@39 worker18@38"},
		{"sssss", "math@9 clock@4 math@3"},
		{"ssssss", "math@3 math@9 evil"},
		{"i", "math evil sigma"},
		{"/MATH<enter>", "math@3 math@9"},
		{"/math<backspace>x<backspace>", "math@3 math@9"},
		{"/math<ctrl+u>clo<enter>", "clock@4"},
		{"/math<esc>", "math@3 math@9 evil"},
		{"/math<enter><esc>", "math@3 math@9 evil"},
	} {
		t.Run(tc.keys, func(t *testing.T) {
			s := newStage(t, screen.Theme{}).send(sampled{sample: sample()}).press(tc.keys)
			if got := strings.ReplaceAll(s.names(3), "evil\\x1b[2J\\u202e", "evil"); strings.ReplaceAll(got, "@5", "") != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// TestServicesAreSums of their instances.
func TestServicesAreSums(t *testing.T) {
	s := newStage(t, screen.Theme{}).send(sampled{sample: sample()}).press("i/math<enter>")
	rows := s.m.rows()
	if len(rows) != 1 {
		t.Fatalf("%d rows, want one", len(rows))
	}
	r := rows[0]
	if r.state != "1/2" || r.ready || math.Abs(*r.rate-412.4) > 1e-9 || r.calls != 4837721 || r.failed != 42 || r.inflight != 3 {
		t.Errorf("got %+v", r)
	}
	if got, want := r.codes(), "application 40, timeout 2"; got != want {
		t.Errorf("codes = %s, want %s", got, want)
	}
}

// TestScrolling stays among the rows: 26 of them, 20 in sight.
func TestScrolling(t *testing.T) {
	for _, tc := range []struct {
		keys string
		want int
	}{
		{"k", 0}, {"j", 1}, {"jj<up>", 1}, {"<pgdown>", 6}, {"<end>", 6}, {"G<down>", 6}, {"G<pgup>", 0}, {"Gg", 0}, {"G<home>j", 1},
		{"G/worker<enter>", 0}, {"Gi", 5},
	} {
		t.Run(tc.keys, func(t *testing.T) {
			s := newStage(t, screen.Theme{}).resize(80, 24).send(sampled{sample: sample()}).press(tc.keys)
			if s.m.offset != tc.want {
				t.Errorf("offset %d, want %d", s.m.offset, tc.want)
			}
		})
	}
	s := newStage(t, screen.Theme{}).resize(80, 24).send(sampled{sample: sample()}).press("G")
	if s.resize(80, 40); s.m.offset != 0 {
		t.Errorf("offset %d on a screen with room for all, want 0", s.m.offset)
	}
}

func TestNumbers(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{rateText(nil), "-"},
		{rateText(rate(0)), "0.0"},
		{rateText(rate(99.94)), "99.9"},
		{rateText(rate(99.95)), "100"},
		{rateText(rate(123456.4)), "123456"},
		{rateText(rate(1234567)), "1M"},
		{countText(0, 6), "0"},
		{countText(999999, 6), "999999"},
		{countText(1000000, 6), "1M"},
		{countText(999500, 4), "1M"},
		{countText(12345, 4), "12k"},
		{countText(math.MaxUint64, 9), "18E"},
		{ageText(0), "0s"},
		{ageText(59999 * time.Millisecond), "59s"},
		{ageText(61 * time.Second), "1m01s"},
		{ageText(2*time.Hour + 4*time.Minute + 59*time.Second), "2h04m"},
		{ageText(75 * time.Hour), "3d03h"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %s, want %s", tc.got, tc.want)
		}
	}
}
