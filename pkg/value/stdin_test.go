package value

import (
	"errors"
	"strings"
	"testing"
)

// endlessStdin is a stdin whose content fits no int, so that reading it first would blame it.
type endlessStdin struct{}

func (endlessStdin) Stdin() ([]byte, error)      { return []byte("no number"), nil }
func (endlessStdin) File(string) ([]byte, error) { return nil, errors.New("no files here") }

func TestParseArgs_SecondReaderOfStdinIsRefusedBeforeTheFirstReads(t *testing.T) {
	sig := &Signature{Name: "multiply", Params: []Param{{Name: "x", Type: &Type{Kind: Int}}, {Name: "y", Type: &Type{Kind: Int}}}}
	for _, line := range []string{"- -", ":- :-", "x=- y=:-", "bytes:- -", "x:=- y:=-"} {
		for _, s := range []*Signature{sig, nil} {
			if s == nil && strings.Contains(line, "x") {
				continue // names need a signature
			}
			_, err := ParseArgs(strings.Fields(line), s, endlessStdin{})
			var usage *UsageError
			if !errors.As(err, &usage) || !strings.Contains(usage.Reason, "only once") {
				t.Errorf("arguments %q = %v, want a usage error about stdin", line, err)
			}
		}
	}
}
