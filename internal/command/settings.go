package command

import (
	"log/slog"
	"strings"
	"time"

	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
)

// Settings are what the global flags, the environment, the context and the user's file say, the
// first of these being the strongest. --context is a flag: what that context says is stronger
// than the environment, while one that is current or named by NETSVC_CONTEXT is weaker.
type Settings struct {
	Exchange       string        // in the form that service.Connect takes
	ExplicitPlace  bool          // Exchange is not the default
	Gateway        string        // the URL of a gateway; empty for none
	Timeout        time.Duration // of a command, 30 s
	ConnectTimeout time.Duration // of connecting, 2 s
	Format         Format
	Color          render.Choice
	JQ             string // an expression that each result goes through; empty for none
	NoInput        bool   // nothing may be read from stdin
	Context        string // the settings kept under this name; empty for none
	Theme          string // of screens: auto, dark, light or mono
	Clipboard      string // of screens: auto, native, osc52 or off
	Verbose        bool
	Quiet          bool
	LogLevel       slog.Level

	// All has each setting with its origin, in the order in which people are shown them.
	All []Setting
	// Problems is what files and environment say that cannot be used, in the order of their
	// strength. Settings are then as if that had not been said. Only a Lenient command gets to
	// see any.
	Problems []*Error
}

// Setting is one of the settings. Its JSON is a contract.
type Setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin Origin `json:"origin,omitempty"`
}

// Origin says where a setting comes from: "flag --exchange", "environment NETSVC_EXCHANGE",
// "context lab", "file /home/a/.config/netsvc/config.toml" or "default".
type Origin string

const originDefault Origin = "default"

// Of returns the setting of that name. Without one it is the zero Setting.
func (s *Settings) Of(name string) Setting {
	for _, setting := range s.All {
		if setting.Name == name {
			return setting
		}
	}
	return Setting{}
}

// kept says which context or file a setting comes from, for those who may not know: nobody sees
// that at the command line.
func (s *Settings) kept(name string) string {
	origin := string(s.Of(name).Origin)
	if strings.HasPrefix(origin, "context ") || strings.HasPrefix(origin, "file ") {
		return " it is that of " + strings.TrimPrefix(origin, "file ")
	}
	return ""
}

// The environment that settings come from, beside what the table of them names.
const (
	envConfig   = "NETSVC_CONFIG"
	envContext  = "NETSVC_CONTEXT"
	envExchange = "NETSVC_EXCHANGE"
)

// Resolve makes the settings of a run of the command from the global flags, the environment and
// the files in the folder. With an error the settings are those that could be made.
func (c *Command) Resolve(flags Flags, getenv func(string) string, folder config.Folder) (Settings, error) {
	r := resolver{flags: flags, getenv: getenv, folder: folder}
	r.settings = Settings{
		Verbose: flags.Bool("verbose"), Quiet: flags.Bool("quiet"), JQ: flags.String("jq"), NoInput: flags.Bool("no-input"),
	}
	r.read()
	r.choose()
	for i := range settingTable {
		r.settle(&settingTable[i])
	}
	s := r.settings
	s.ExplicitPlace = s.Exchange != DefaultExchange
	if r.err == nil {
		s.Format, r.err = c.format(s.Format, flags.IsSet("output"), s.JQ != "")
	}
	if r.err == nil && !c.Lenient && len(s.Problems) > 0 {
		r.err = s.Problems[0]
	}
	if r.err != nil && c.Typed {
		s.Problems, r.err = append(s.Problems, explain(r.err)), nil
	}
	return s, r.err
}
