package topscreen

import (
	"syscall"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/netsvc/netsvc/internal/command"
)

// maxFilter bounds the filter, in bytes.
const maxFilter = 64

// Typing reports whether what is typed is text.
func (m model) Typing() bool { return m.filtering }

// press takes a key.
func (m model) press(key tea.KeyMsg) (tea.Model, tea.Cmd) {
	switch key.String() {
	case "ctrl+c":
		m.failure = &command.Interrupted{Signal: syscall.SIGINT}
		return m, tea.Quit
	case "ctrl+z":
		return m, tea.Suspend
	case "ctrl+l":
		return m, tea.ClearScreen
	}
	switch {
	case m.filtering:
		return m.edit(key), nil
	case key.Paste:
		return m, nil
	case m.help && key.String() != "q":
		m.help = false
		return m, nil
	}
	return m.act(key.String())
}

// edit changes the filter.
func (m model) edit(key tea.KeyMsg) model {
	switch key.Type {
	case tea.KeyEnter:
		m.filtering = false
	case tea.KeyEsc:
		m.filtering, m.filter = false, ""
	case tea.KeyBackspace:
		_, size := utf8.DecodeLastRuneInString(m.filter)
		m.filter = m.filter[:len(m.filter)-size]
	case tea.KeyCtrlU:
		m.filter = ""
	case tea.KeyRunes, tea.KeySpace:
		if text := m.filter + string(key.Runes); len(text) <= maxFilter {
			m.filter = text
		}
	default:
	}
	m.offset = m.scrolled(0)
	return m
}

// act does what a key stands for.
func (m model) act(key string) (tea.Model, tea.Cmd) {
	switch key {
	case "q":
		return m, tea.Quit
	case "s":
		m.sort, m.reversed = m.sort.next(), false
	case "r":
		m.reversed = !m.reversed
	case "/":
		m.filtering = true
	case "esc":
		m.filter = ""
	case "i":
		m.services = !m.services
	case "?", "h":
		m.help = true
	case "p", " ":
		return m.pause()
	case "+", "=":
		return m.pace(+1)
	case "-":
		return m.pace(-1)
	default:
		m.offset = m.scrolled(m.steps(key))
		return m, nil
	}
	m.offset = m.scrolled(0)
	return m, nil
}

// pause stops, or goes on at once.
func (m model) pause() (tea.Model, tea.Cmd) {
	m.paused = !m.paused
	if m.paused || m.asking {
		return m, nil
	}
	return m.ask()
}

// pace changes the interval by a step.
func (m model) pace(step int) (tea.Model, tea.Cmd) {
	m.interval = max(0, min(m.interval+step, len(intervals)-1))
	return m.wait()
}

// steps is how many rows down a key goes.
func (m model) steps(key string) int {
	page := max(1, m.room()-1)
	switch key {
	case "down", "j":
		return 1
	case "up", "k":
		return -1
	case "pgdown", "ctrl+f":
		return page
	case "pgup", "ctrl+b":
		return -page
	case "end", "G":
		return len(m.rows())
	case "home", "g":
		return -len(m.rows())
	}
	return 0
}

// scrolled is the offset so many rows further down, as far as there are any.
func (m model) scrolled(steps int) int {
	return max(0, min(m.offset+steps, len(m.rows())-m.room()))
}
