package topscreen

import (
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/screen"
)

// intervals are those that + and - go through.
var intervals = []time.Duration{
	200 * time.Millisecond, 500 * time.Millisecond, command.TopInterval, 2 * time.Second, 5 * time.Second,
	10 * time.Second, 30 * time.Second, time.Minute,
}

// awayInterval is how soon an exchange that is away is asked again. Half a second of waiting
// for it comes on top.
const awayInterval = 250 * time.Millisecond

// model is all that the screen shows.
type model struct {
	source   source
	look     look
	exchange string // its address

	width, height int // zero before the terminal has told

	sample *command.TopSample // the last one; nil at first
	away   bool               // the exchange, when it was asked last
	asking bool               // for a sample
	turn   int                // of waiting; what an earlier one brings is too late

	interval  int  // among intervals
	paused    bool // nobody asks
	services  bool // a row for each of them, instead of each instance
	sort      column
	reversed  bool
	filter    string
	filtering bool // what is typed goes to the filter
	help      bool
	offset    int // rows above the first one shown

	failure error // why it ends
}

func newModel(theme screen.Theme, exchange string, s source) model {
	return model{
		source: s, look: newLook(theme), exchange: exchange, asking: true, sort: columnRate,
		interval: slices.Index(intervals, command.TopInterval),
	}
}

// Init implements tea.Model.
func (m model) Init() tea.Cmd { return m.source.sample }

// due says that it is time for the next sample.
type due struct{ turn int }

// Update implements tea.Model.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return m.resized(msg), nil
	case sampled:
		return m.take(msg)
	case due:
		if msg.turn != m.turn || m.paused {
			return m, nil
		}
		return m.ask()
	case tea.KeyMsg:
		return m.press(msg)
	}
	return m, nil
}

// resized takes the size of the terminal. One without any has that of old.
func (m model) resized(msg tea.WindowSizeMsg) model {
	m.width, m.height = msg.Width, msg.Height
	if m.width == 0 || m.height == 0 {
		m.width, m.height = 80, 24
	}
	m.offset = m.scrolled(0)
	return m
}

// take takes the outcome of a question. What comes while nobody looks on is not shown.
func (m model) take(msg sampled) (tea.Model, tea.Cmd) {
	m.asking = false
	switch {
	case msg.err == nil && m.paused:
	case msg.err == nil:
		m.sample, m.away = msg.sample, false
		m.offset = m.scrolled(0)
	case command.ExchangeAway(msg.err):
		m.away = true
	default:
		m.failure = msg.err
		return m, tea.Quit
	}
	return m.wait()
}

// ask asks for a sample.
func (m model) ask() (tea.Model, tea.Cmd) {
	m.asking = true
	m.turn++
	return m, m.source.sample
}

// wait lets the interval pass. An exchange that is away is asked again soon.
func (m model) wait() (tea.Model, tea.Cmd) {
	if m.asking || m.paused {
		return m, nil
	}
	interval := intervals[m.interval]
	if m.away {
		interval = min(interval, awayInterval)
	}
	m.turn++
	return m, m.source.after(interval, due{m.turn})
}
