package command

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// FlagKind is what a flag takes.
type FlagKind uint8

// The kinds of flags.
const (
	Switch   FlagKind = 0 // nothing
	Text     FlagKind = 1
	Texts    FlagKind = 2 // a text, and the flag may be repeated
	Duration FlagKind = 3 // as in 1m30s
	Count    FlagKind = 4 // a whole number from 1 up
	Size     FlagKind = 5 // bytes from 1 up, as in 4096, 64KiB or 4MiB
)

// Flag is one flag of a command, or one of all of them.
type Flag struct {
	Name    string
	Short   string // one letter, or empty
	Kind    FlagKind
	Arg     string   // what it takes, for help, as in "ADDR"
	Summary string   // one line
	Default string   // for help; empty when there is none
	Values  []string // of a Text: nothing else is taken

	NotNegative bool // of a Duration

	// Into is the name of a list that keeps the order in which this flag and others of the same
	// list were given. Flags.StringSlice has it, each item being the name of a flag, a blank and
	// the value.
	Into string

	// Heading is what help writes over this flag and those behind it, up to the next one that
	// has a heading. Those in front of all headings stand under "flags".
	Heading string

	// Complete offers values at the cursor. Without it those of Values are.
	Complete Completer
}

// Flags are the flags given to one run of a command, by their long names. What was not given
// is the zero value. A *cli.Context of github.com/urfave/cli/v2 is one.
type Flags interface {
	IsSet(name string) bool
	Bool(name string) bool              // Switch
	String(name string) string          // Text
	StringSlice(name string) []string   // Texts
	Duration(name string) time.Duration // Duration
	Int(name string) int                // Count, Size
}

// GlobalFlags are those that every command takes.
func GlobalFlags() []Flag {
	return []Flag{
		{Name: "exchange", Short: "x", Kind: Text, Arg: "ADDR", Default: DefaultExchange,
			Summary: "the exchange: PORT, HOST:PORT or unix:/PATH"},
		{Name: "context", Kind: Text, Arg: "NAME", Summary: "the settings kept under this name", Complete: anyContext},
		{Name: "timeout", Short: "t", Kind: Duration, NotNegative: true, Arg: "DUR", Default: "30s", Summary: "give up after this long"},
		{Name: "connect-timeout", Kind: Duration, NotNegative: true, Arg: "DUR", Default: "2s", Summary: "give up connecting after this long"},
		{Name: outputFlag, Short: "o", Kind: Text, Arg: "FMT", Default: string(FormatAuto), Values: formats(),
			Summary: "format of results and errors: " + strings.Join(formats(), ", ")},
		{Name: "jq", Short: "q", Kind: Text, Arg: "EXPR", Summary: "what to make of each result, in the language of jq"},
		{Name: rawFlag, Short: "r", Kind: Switch, Summary: "the same as -o raw"},
		{Name: "color", Kind: Text, Arg: "WHEN", Default: "auto", Values: []string{"auto", "always", "never"},
			Summary: "colours: auto, always, never"},
		{Name: "no-input", Kind: Switch, Summary: "read nothing from stdin"},
		{Name: "quiet", Kind: Switch, Summary: "no progress; log warnings and errors only"},
		{Name: "verbose", Short: "v", Kind: Switch, Summary: "say more on stderr: notices, and all that is logged"},
		{Name: helpFlag, Short: "h", Kind: Switch, Summary: "show help"},
		{Name: versionFlag, Kind: Switch, Summary: "show the version"},
	}
}

const (
	helpFlag    = "help"
	versionFlag = "version"
	rawFlag     = "raw"
	outputFlag  = "output"
)

// canonical checks a value and returns it in the form that strconv and time read.
func (f *Flag) canonical(text string) (string, error) {
	switch f.Kind {
	case Text:
		if f.Values != nil && !slices.Contains(f.Values, text) {
			return "", f.refuse(text, "one of "+strings.Join(f.Values, ", "), value.Nearest(text, f.Values))
		}
	case Duration:
		d, err := time.ParseDuration(text)
		switch {
		case err != nil:
			return "", f.refuse(text, "a duration such as 500ms, 10s or 1m30s", "")
		case d < 0 && f.NotNegative:
			return "", f.refuse(text, "a duration that is not negative", "")
		}
	case Count:
		if n, err := strconv.ParseInt(text, 10, 32); err != nil || n < 1 {
			return "", f.refuse(text, "a whole number from 1 up", "")
		}
	case Size:
		n, ok := parseSize(text)
		if !ok {
			return "", f.refuse(text, "a number of bytes such as 4096, 64KiB or 4MiB", "")
		}
		return strconv.FormatInt(n, 10), nil
	case Switch:
		if _, err := strconv.ParseBool(text); err != nil {
			return "", f.refuse(text, "true or false", "")
		}
	case Texts:
	}
	return text, nil
}

func (f *Flag) refuse(text, want, near string) error {
	err := usage("", "--%s wants %s, not %q", f.Name, want, text)
	if near != "" {
		err.meant(near)
	}
	return err
}

// parseSize reads bytes with an optional unit.
func parseSize(text string) (int64, bool) {
	unit := int64(1)
	for _, u := range []struct {
		suffix string
		size   int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}} {
		if digits, ok := strings.CutSuffix(text, u.suffix); ok {
			text, unit = digits, u.size
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > math.MaxUint32/unit {
		return 0, false
	}
	return n * unit, true
}
