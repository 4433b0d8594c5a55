package repl

import (
	"context"
	"strconv"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/value"
)

// setNames are the settings that set changes, in the order in which they are shown.
var setNames = []string{"output", "timeout", "errexit", "timing"}

func (s *Session) runSet(_ context.Context, env *command.Env) error {
	switch len(env.Args) {
	case 0:
		return s.showSet(env)
	case 1:
		return wrong("set alone shows them", "set %s: a value is missing", env.Args[0])
	}
	if err := s.change(env.Args[0], env.Args[1]); err != nil {
		return err
	}
	return s.settle()
}

// change gives a setting of the session its value.
func (s *Session) change(name, text string) error {
	switch name {
	case "output":
		return s.changeOutput(text)
	case "timeout":
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return wrong("such as 500ms, 10s or 1m30s", "set timeout wants a duration, not %s", text)
		}
		s.settings.put("timeout", d.String())
		return nil
	case "errexit", "timing":
		on, err := isOn(text)
		if err != nil {
			return wrong("", "set %s wants on or off, not %s", name, text)
		}
		s.settings.turn(name, on)
		return nil
	}
	if near := value.Nearest(name, setNames); near != "" {
		return wrong("did you mean "+near+"?", "set knows no %s", name)
	}
	return wrong("it knows output, timeout, errexit and timing", "set knows no %s", name)
}

func (s *Session) changeOutput(text string) error {
	for _, f := range command.GlobalFlags() {
		if f.Name != "output" {
			continue
		}
		for _, format := range f.Values {
			if format == text {
				s.settings.put("output", text)
				return nil
			}
		}
		return wrong("it has "+list(f.Values), "set output knows no %s", text)
	}
	return nil
}

func isOn(text string) (bool, error) {
	switch text {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return strconv.ParseBool(text)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// setShape is a setting as programs see it.
type setShape struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (s *Session) showSet(env *command.Env) error {
	now := s.settings.current()
	errexit, timing := s.settings.switches()
	shapes := []setShape{
		{"output", now.Of("output").Value}, {"timeout", now.Timeout.String()},
		{"errexit", onOff(errexit)}, {"timing", onOff(timing)},
	}
	table := &render.Table{Header: []string{"NAME", "VALUE"}}
	for _, shape := range shapes {
		table.Add(shape.Name, shape.Value)
	}
	return env.Print(shapes, table.Append)
}

// anySetting offers the settings, and what they can be.
func anySetting(_ context.Context, q *command.Query) {
	switch {
	case len(q.Args) == 0:
		for _, name := range setNames {
			q.Add(name, "")
		}
	case q.Args[0] == "errexit" || q.Args[0] == "timing":
		q.Add("on", "")
		q.Add("off", "")
	case q.Args[0] == "output":
		for _, f := range command.GlobalFlags() {
			for _, format := range f.Values {
				if f.Name == "output" {
					q.Add(format, "")
				}
			}
		}
	}
}
