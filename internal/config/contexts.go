package config

// Values are settings as the files have them, all of them text. Empty ones say nothing.
type Values struct {
	Exchange       string `toml:"exchange,omitempty"`
	Gateway        string `toml:"gateway,omitempty"`
	Timeout        string `toml:"timeout,omitempty"`
	ConnectTimeout string `toml:"connect-timeout,omitempty"`
	Output         string `toml:"output,omitempty"`
	Color          string `toml:"color,omitempty"`
	Log            string `toml:"log,omitempty"`
	Theme          string `toml:"theme,omitempty"`
	Clipboard      string `toml:"clipboard,omitempty"`
}

// Of points at the value whose key is name, or is nil when there is no such key.
func (v *Values) Of(name string) *string {
	switch name {
	case "exchange":
		return &v.Exchange
	case "gateway":
		return &v.Gateway
	case "timeout":
		return &v.Timeout
	case "connect-timeout":
		return &v.ConnectTimeout
	case "output":
		return &v.Output
	case "color":
		return &v.Color
	case "log":
		return &v.Log
	case "theme":
		return &v.Theme
	case "clipboard":
		return &v.Clipboard
	}
	return nil
}

// Config is the user's own file.
type Config struct {
	Context string `toml:"context,omitempty"` // the one to work in when none is current
	Values
}

// Contexts is the file of named places to work at.
type Contexts struct {
	Current string            `toml:"current,omitempty"` // a name, or empty for none
	Named   map[string]Values `toml:"context,omitempty"`
}
