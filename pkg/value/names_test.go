package value_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/netsvc/netsvc/pkg/value"
)

func TestNames(t *testing.T) {
	long := strings.Repeat("a", 128)
	tests := []struct {
		rule  string
		check func(string) error
		good  []string
		bad   []string
	}{
		{"service", value.CheckServiceName,
			[]string{"math", "9p", "a/b-c_d", long},
			[]string{"", "_exchange", "$SRV", "netsvc", "nats", "-a", "/a", "a.b", "a b", "a@1", "grün", "a\n", long + "a"}},
		{"group", value.CheckGroupName,
			[]string{"web-services", "g"},
			[]string{"", "_g", "nats", "a*"}},
		{"method", value.CheckMethodName,
			[]string{"multiply", "_x", "mean.geometric", "a:b/c-d", "systems", "system", long},
			[]string{"", "system.ping", "1st", ".a", "-a", "a b", "a\x1b[31m", long + "a"}},
		{"subject", value.CheckSubject,
			[]string{"tick", "a.b", "~!", strings.Repeat("s", 256)},
			[]string{"", "a*", "a?", "a b", "a\tb", "ü", "\x7f", "$sys", "_x", "netsvc", "nats", strings.Repeat("s", 257)}},
		{"pattern", value.CheckPattern,
			[]string{"*", "a?c*", "********"},
			[]string{"", "*********", "a b", "_*"}},
	}
	for _, tt := range tests {
		for _, name := range tt.good {
			if err := tt.check(name); err != nil {
				t.Errorf("%s %q: %v", tt.rule, name, err)
			}
		}
		for _, name := range tt.bad {
			var bad *value.NameError
			if err := tt.check(name); !errors.As(err, &bad) {
				t.Errorf("%s %q: got %v, want a NameError", tt.rule, name, err)
			}
		}
	}
}

func TestNameErrorsAreSafeToPrint(t *testing.T) {
	err := value.CheckServiceName("a\x1b[31m\n")
	if want := `service name "a\x1b[31m\n": may hold only letters, digits and _ / -`; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	err = value.CheckServiceName("_exchange")
	if want := `service name "_exchange": names that begin with _ are reserved`; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSplitTarget(t *testing.T) {
	tests := []struct{ target, service, method string }{
		{"math.multiply", "math", "multiply"},
		{"math@3.multiply", "math@3", "multiply"},
		{"stats.mean.geometric", "stats", "mean.geometric"},
		{"math", "math", ""},
		{"math.", "math", ""},
	}
	for _, tt := range tests {
		if service, method := value.SplitTarget(tt.target); service != tt.service || method != tt.method {
			t.Errorf("SplitTarget(%q) = %q, %q", tt.target, service, method)
		}
	}
}

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"?", "", false}, {"?", "a", true},
		{"a*c", "abc", true}, {"a*c", "ac", true}, {"a*c", "abcd", false}, {"a?c", "abc", true}, {"a?c", "ac", false},
		{"*ab", "aab", true}, {"*a?b*", "xaybz", true}, {"**", "x", true}, {"ma*", "math", true}, {"MATH", "math", false},
		{"a*b*c", "aXbXbXc", true}, {"a.b", "axb", false}, {"[a]", "a", false},
	}
	for _, tt := range tests {
		if got := value.Match(tt.pattern, tt.name); got != tt.want {
			t.Errorf("Match(%q, %q) = %v", tt.pattern, tt.name, got)
		}
	}
}

// plainMatch says the same as Match in the fewest words.
func plainMatch(pattern, name string) bool {
	switch {
	case pattern == "":
		return name == ""
	case pattern[0] == '*':
		return plainMatch(pattern[1:], name) || name != "" && plainMatch(pattern, name[1:])
	default:
		return name != "" && (pattern[0] == '?' || pattern[0] == name[0]) && plainMatch(pattern[1:], name[1:])
	}
}

func TestMatchIsThePlainRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.SampledFrom([]rune("ab?*")), 0, 10, -1).Draw(t, "pattern")
		name := rapid.StringOfN(rapid.SampledFrom([]rune("ab")), 0, 12, -1).Draw(t, "name")
		if got, want := value.Match(pattern, name), plainMatch(pattern, name); got != want {
			t.Fatalf("Match(%q, %q) = %v", pattern, name, got)
		}
	})
}

func TestMatchDoesNotBlowUp(t *testing.T) {
	name := strings.Repeat("a", 20_000)
	began := time.Now()
	if value.Match(strings.Repeat("a*", 100)+"b", name) {
		t.Error("matched")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"multiply", "divide", "add", "x", "mean.geometric"}
	tests := []struct{ name, want string }{
		{"multipy", "multiply"}, {"MULTIPLY", "multiply"}, {"mutliply", "multiply"}, {"dvide", "divide"},
		{"ad", "add"}, {"zzz", ""}, {"y", ""}, {"X", "x"}, {"subtract", ""}, {"mean.geometic", "mean.geometric"},
		{strings.Repeat("a", 1000), ""},
	}
	for _, tt := range tests {
		if got := value.Nearest(tt.name, names); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := value.Nearest("a", nil); got != "" {
		t.Errorf("Nearest without candidates = %q", got)
	}
}
