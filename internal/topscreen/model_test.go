package topscreen

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/internal/screen"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/wire"
)

var update = flag.Bool("update", false, "write the expected screens in testdata anew")

// asked and waited stand for the commands of a model.
type (
	asked  struct{}
	waited struct {
		d   time.Duration
		msg tea.Msg
	}
)

// stage is a model and what its last command was.
type stage struct {
	t    *testing.T
	m    model
	last tea.Msg // of the last command; nil for none
}

func newStage(t *testing.T, theme screen.Theme) *stage {
	s := &stage{t: t, m: newModel(theme, "127.0.0.1:11111", source{
		sample: func() tea.Msg { return asked{} },
		after:  func(d time.Duration, msg tea.Msg) tea.Cmd { return func() tea.Msg { return waited{d, msg} } },
	})}
	s.take(s.m.Init())
	return s
}

func (s *stage) take(cmd tea.Cmd) {
	s.last = nil
	if cmd != nil {
		s.last = cmd()
	}
}

func (s *stage) send(msgs ...tea.Msg) *stage {
	for _, msg := range msgs {
		next, cmd := s.m.Update(msg)
		s.m = next.(model)
		s.take(cmd)
	}
	return s
}

// press sends keys: texts in <> by their names, and all others one by one.
func (s *stage) press(keys string) *stage {
	named := map[string]tea.KeyType{
		"enter": tea.KeyEnter, "esc": tea.KeyEsc, "backspace": tea.KeyBackspace, "down": tea.KeyDown, "up": tea.KeyUp,
		"pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "end": tea.KeyEnd, "home": tea.KeyHome, "ctrl+c": tea.KeyCtrlC,
		"ctrl+z": tea.KeyCtrlZ, "ctrl+l": tea.KeyCtrlL, "ctrl+u": tea.KeyCtrlU,
	}
	for _, key := range regexp.MustCompile(`<[a-z+]+>|.`).FindAllString(keys, -1) {
		if typ, ok := named[strings.Trim(key, "<>")]; ok {
			s.send(tea.KeyMsg{Type: typ})
			continue
		}
		s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(key)})
	}
	return s
}

func (s *stage) resize(width, height int) *stage {
	return s.send(tea.WindowSizeMsg{Width: width, Height: height})
}

func rate(r float64) *float64 { return &r }

// sample is what an exchange with many services told.
func sample() *command.TopSample {
	s := &command.TopSample{Exchange: command.TopExchange{
		Address: "127.0.0.1:11111", CallsPerSecond: rate(412.4), FailuresPerSecond: rate(0.25), PublishedPerSecond: rate(12),
		Totals: exchange.Totals{Uptime: 2*time.Hour + 4*time.Minute + 9*time.Second, Sessions: 7, Instances: 27, OpenCalls: 3},
	}}
	add := func(name string, number int, state string, rate *float64, calls uint64, failures map[string]uint64, inflight int) {
		s.Instances = append(s.Instances, command.TopInstance{
			Instance: fmt.Sprintf("%s@%d", name, number), Service: name, State: state, CallsPerSecond: rate, Calls: calls,
			Failures: failures, Inflight: inflight,
		})
	}
	add("clock", 4, "ready", rate(0), 12, nil, 0)
	add("evil\x1b[2J\u202e", 5, "ready\r", rate(1), 1, nil, 0)
	add("math", 3, "ready", rate(210.04), 2418819, map[string]uint64{"application": 40, "timeout": 2}, 1)
	add("math", 9, "draining", rate(202.36), 2418902, nil, 2)
	add("sigma-with-a-rather-long-name", 11, "suspect", rate(0.12), 123456789012, map[string]uint64{"timeout": 1234567}, 15)
	s.Instances[4].FailuresPerSecond = rate(0.1)
	add("数学数学数学数学", 12, "ready", nil, 0, nil, 0)
	for n := range 20 {
		add(fmt.Sprintf("worker%02d", n), 20+n, "ready", rate(0), uint64(n), nil, 0)
	}
	return s
}

var away = wire.Failf(wire.CodeUnreachable, wire.No, "nobody there")

// scenes are what there is to see.
var scenes = []struct {
	name string
	play func(s *stage)
}{
	{"connecting", func(*stage) {}},
	{"instances", func(s *stage) { s.send(sampled{sample: sample()}) }},
	{"services", func(s *stage) { s.send(sampled{sample: sample()}).press("ir") }},
	{"scrolled", func(s *stage) { s.send(sampled{sample: sample()}).press("ssssjjj<down>k") }},
	{"filtering", func(s *stage) { s.send(sampled{sample: sample()}).press("/WORKER1") }},
	{"filtered", func(s *stage) { s.send(sampled{sample: sample()}).press("/math<enter>sp") }},
	{"help", func(s *stage) { s.send(sampled{sample: sample()}).press("?") }},
	{"away", func(s *stage) { s.send(sampled{sample: sample()}, sampled{err: away}) }},
	{"no-services", func(s *stage) { s.send(sampled{sample: &command.TopSample{}}) }},
	{"nothing-found", func(s *stage) { s.send(sampled{sample: sample()}).press("/nobody\x1b<enter>") }},
}

var style = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestScreens compares what is seen, without styles, with the files in testdata.
func TestScreens(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			var got strings.Builder
			for _, size := range [][2]int{{40, 10}, {80, 24}, {120, 40}} {
				s := newStage(t, screen.Theme{}).resize(size[0], size[1])
				scene.play(s)
				fmt.Fprintf(&got, "-- %dx%d --\n%s\n", size[0], size[1], style.ReplaceAllString(s.m.View(), ""))
			}
			file := filepath.Join("testdata", scene.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got.String(), want)
			}
		})
	}
}

// TestFramesHaveTheSizeOfTheTerminal, whatever is shown: as many lines, none too wide, and
// nothing in them but what has a shape, and styles.
func TestFramesHaveTheSizeOfTheTerminal(t *testing.T) {
	for _, scene := range scenes {
		s := newStage(t, screen.Theme{ASCII: true})
		scene.play(s)
		for _, height := range []int{1, 2, 9, 10, 11, 24, 45} {
			for width := 1; width <= 130; width += 3 {
				checkFrame(t, fmt.Sprintf("%s at %dx%d", scene.name, width, height), s.resize(width, height).m.View(), width, height)
			}
		}
	}
}

func checkFrame(t *testing.T, what, frame string, width, height int) {
	t.Helper()
	lines := strings.Split(style.ReplaceAllString(frame, ""), "\n")
	if len(lines) != height {
		t.Fatalf("%s: %d lines", what, len(lines))
	}
	for i, line := range lines {
		if cells := render.Columns(line); cells > width || line != render.Clean(line) {
			t.Fatalf("%s: line %d has %d cells: %q", what, i+1, cells, line)
		}
	}
}

// TestStylesOfWhatIsNotAsItShouldBe: each is said in words, too.
func TestStylesOfWhatIsNotAsItShouldBe(t *testing.T) {
	for _, tc := range []struct {
		name  string
		theme screen.Theme
		play  func(s *stage)
		want  string
	}{
		{"live", screen.Theme{}, func(*stage) {}, "\x1b[32mlive\x1b[0m"},
		{"suspect", screen.Theme{}, func(*stage) {}, "\x1b[1;33msuspect \x1b[0m"},
		{"suspect on a light background", screen.Theme{Light: true}, func(*stage) {}, "\x1b[1;35msuspect \x1b[0m"},
		{"suspect without colours", screen.Theme{Mono: true}, func(*stage) {}, "\x1b[1msuspect \x1b[0m"},
		{"failing now", screen.Theme{}, func(*stage) {}, "\x1b[1;31m1234567\x1b[0m"},
		{"paused", screen.Theme{}, func(s *stage) { s.press("p") }, "\x1b[1;33mpaused\x1b[0m"},
		{"what is old is faint", screen.Theme{}, func(s *stage) { s.send(sampled{err: away}) }, "\x1b[2msuspect \x1b[0m"},
		{"away", screen.Theme{}, func(s *stage) { s.send(sampled{err: away}) }, "\x1b[1;33mexchange away, trying\x1b[0m"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newStage(t, tc.theme).resize(120, 40).send(sampled{sample: sample()})
			tc.play(s)
			if frame := s.m.View(); !strings.Contains(frame, tc.want) {
				t.Errorf("no %q in %q", tc.want, frame)
			}
		})
	}
}

// TestOneQuestionAtATime: the next is due an interval after the last was answered.
func TestOneQuestionAtATime(t *testing.T) {
	s := newStage(t, screen.Theme{})
	if s.last != (asked{}) {
		t.Fatalf("it begins with %v, want a question", s.last)
	}
	wait := func(what string, want time.Duration) due {
		t.Helper()
		w, ok := s.last.(waited)
		if !ok || w.d != want {
			t.Fatalf("%s: %v, want a wait of %v", what, s.last, want)
		}
		return w.msg.(due)
	}
	s.press("+")
	if s.last != nil {
		t.Errorf("another interval while a question is open: %v, want nothing", s.last)
	}
	s.send(sampled{sample: sample()})
	early := wait("after an answer", 2*time.Second)
	s.press("--")
	late := wait("after two steps", 500*time.Millisecond)
	if s.send(early); s.last != nil {
		t.Errorf("a wait that was replaced brings %v, want nothing", s.last)
	}
	if s.send(late); s.last != (asked{}) {
		t.Errorf("when the time has come: %v, want a question", s.last)
	}
	if s.send(sampled{err: away}); !s.m.away {
		t.Error("the exchange is not away")
	}
	wait("after an error that may pass", awayInterval)
	s.press("----")
	s.send(sampled{sample: sample()})
	wait("at the shortest interval", intervals[0])
	if s.m.away {
		t.Error("the exchange is still away")
	}
}

// TestPause: nobody asks and what still comes is not shown, until somebody goes on.
func TestPause(t *testing.T) {
	s := newStage(t, screen.Theme{}).send(sampled{sample: sample()})
	w := s.last.(waited)
	if s.press("p").send(w.msg); s.last != nil {
		t.Errorf("while it is paused: %v, want nothing", s.last)
	}
	if s.press("p"); s.last != (asked{}) {
		t.Errorf("after it: %v, want a question", s.last)
	}
	shown := s.m.sample
	if s.press("p").send(sampled{sample: &command.TopSample{}}); s.m.sample != shown || s.last != nil {
		t.Errorf("an answer to a pause is shown, or followed by %v", s.last)
	}
}

// TestEnds of the screen.
func TestEnds(t *testing.T) {
	broken := errors.New("broken")
	var signal *command.Interrupted
	for _, tc := range []struct {
		name string
		play func(s *stage)
		quit tea.Msg
		want func(error) bool
	}{
		{"q", func(s *stage) { s.press("q") }, tea.QuitMsg{}, func(err error) bool { return err == nil }},
		{"q in the help", func(s *stage) { s.press("?q") }, tea.QuitMsg{}, func(err error) bool { return err == nil }},
		{"Ctrl-C", func(s *stage) { s.press("<ctrl+c>") }, tea.QuitMsg{}, func(err error) bool { return errors.As(err, &signal) && signal.ExitCode() == 130 }},
		{"Ctrl-C in the filter", func(s *stage) { s.press("/x<ctrl+c>") }, tea.QuitMsg{}, func(err error) bool { return errors.As(err, &signal) }},
		{"an error that lasts", func(s *stage) { s.send(sampled{err: broken}) }, tea.QuitMsg{}, func(err error) bool { return err == broken }},
		{"q in the filter is text", func(s *stage) { s.press("/q") }, nil, func(err error) bool { return err == nil }},
		{"any other key in the help", func(s *stage) { s.press("?p") }, nil, func(err error) bool { return err == nil }},
		{"Ctrl-Z suspends", func(s *stage) { s.press("<ctrl+z>") }, tea.SuspendMsg{}, func(err error) bool { return err == nil }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newStage(t, screen.Theme{}).send(sampled{sample: sample()})
			tc.play(s)
			if s.last != tc.quit || !tc.want(s.m.failure) {
				t.Errorf("it says %T and fails with %v, want %T", s.last, s.m.failure, tc.quit)
			}
		})
	}
}
