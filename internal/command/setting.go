package command

import (
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/value"
)

// setting is a row of the table of settings.
type setting struct {
	name     string // of its flag, and of its key in files
	variable string // of the environment; empty for none
	standard string // the default
	duration bool   // its flag is of that kind

	// take puts a text into the settings and returns how it is shown. What is wrong with the
	// text is a complaint.
	take func(s *Settings, text string) (shown string, err error)
}

// complaint is what is wrong with a text.
type complaint struct {
	text string // goes directly behind the name of who said it
	hint string
	near string // what was probably meant
}

func (c *complaint) Error() string { return c.text }

// settingTable has all settings, in the order in which people are shown them. The context, which
// is one too, is chosen before.
var settingTable = []setting{
	{"exchange", envExchange, DefaultExchange, false, takeExchange},
	{"gateway", "", "", false, takeGateway},
	{"timeout", "NETSVC_TIMEOUT", "30s", true, takeDuration(func(s *Settings) *time.Duration { return &s.Timeout })},
	{"connect-timeout", "", "2s", true, takeDuration(func(s *Settings) *time.Duration { return &s.ConnectTimeout })},
	{"output", "NETSVC_OUTPUT", string(FormatAuto), false, takeOneOf(func(s *Settings, text string) { s.Format = Format(text) }, formats()...)},
	{"color", "", string(render.ColorAuto), false, takeOneOf(func(s *Settings, text string) { s.Color = render.Choice(text) }, colors()...)},
	{"log", "NETSVC_LOG", "info", false, takeOneOf(func(s *Settings, text string) { s.LogLevel = levels[text] }, "debug", "info", "warn", "error")},
	{"theme", "NETSVC_THEME", "auto", false, takeOneOf(func(s *Settings, text string) { s.Theme = text }, "auto", "dark", "light", "mono")},
	{"clipboard", "NETSVC_CLIPBOARD", "auto", false, takeOneOf(func(s *Settings, text string) { s.Clipboard = text }, "auto", "native", "osc52", "off")},
}

func colors() []string {
	return []string{string(render.ColorAuto), string(render.ColorAlways), string(render.ColorNever)}
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

func takeExchange(s *Settings, text string) (string, error) {
	place, err := ParsePlace(text)
	var e *Error
	if errors.As(err, &e) {
		return "", &complaint{text: ": " + e.Message, hint: e.Hint}
	}
	s.Exchange = place.Target()
	return s.Exchange, nil
}

// takeGateway takes no user and password: secrets have no place in settings that are shown.
func takeGateway(s *Settings, text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case text == "":
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return "", &complaint{text: " wants a URL such as http://127.0.0.1:8000/xmlrpc/service"}
	case u.User != nil:
		return "", &complaint{text: " wants a URL without user and password"}
	}
	s.Gateway = text
	return text, nil
}

func takeDuration(field func(*Settings) *time.Duration) func(*Settings, string) (string, error) {
	return func(s *Settings, text string) (string, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return "", &complaint{text: " wants a duration such as 10s, not " + strconv.Quote(text)}
		}
		*field(s) = d
		return text, nil
	}
}

func takeOneOf(set func(*Settings, string), words ...string) func(*Settings, string) (string, error) {
	return func(s *Settings, text string) (string, error) {
		if !slices.Contains(words, text) {
			return "", &complaint{text: " wants one of " + strings.Join(words, ", ") + ", not " + strconv.Quote(text), near: value.Nearest(text, words)}
		}
		set(s, text)
		return text, nil
	}
}
