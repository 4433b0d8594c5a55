package command_test

import (
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// TestCurlRefusesWhatArrivesAsSomethingElse: another call would be made than the one asked for.
func TestCurlRefusesWhatArrivesAsSomethingElse(t *testing.T) {
	p := newPlace(t)
	p.announce(t, "any", func(s *service.Service) {
		s.Export("thing", func(x any) any { return x }, nil)
		s.Export("exact", func(x value.Decimal) value.Decimal { return x }, nil)
	})
	for _, tc := range []struct {
		name, word, want string // part of the line, or of the error
		exit             int
	}{
		{"an integer of 64 bits", "9223372036854775807", "<i8>9223372036854775807</i8>", 0},
		{"a date and time", "datetime:2026-11-22T10:00:00Z", "<dateTime.iso8601>", 0},
		{"bytes", "hex:00", "<base64>", 0},
		{"text with quotes", "it's", `it'\''s`, 0},
		{"an integer beyond", "9223372036854775808", "params[0]: an integer beyond 64 bits", command.ExitUsage},
		{"deep inside", `:={"a":[1,9223372036854775808]}`, "params[0].a[1]: an integer beyond 64 bits", command.ExitUsage},
		{"a decimal", "1e400", "params[0]: a decimal that is no float64", command.ExitUsage},
		{"a date", "date:2026-11-22", "params[0]: a date without a time", command.ExitUsage},
		{"a time of day", "time:10:00:00", "params[0]: a time of day", command.ExitUsage},
		{"a duration", "dur:1h", "params[0]: a duration", command.ExitUsage},
		{"a part of a second", "datetime:2026-11-22T10:00:00.5Z", "params[0]: a part of a second", command.ExitUsage},
		{"the same without a zone", "datetime:2026-11-22T10:00:00.5", "params[0]: a part of a second", command.ExitUsage},
		{"an unknown tag", `:={"$opaque":99,"data":"AQ=="}`, "params[0]: a value of an unknown tag", command.ExitUsage},
		{"a character that XML lacks", `:="\u0001"`, "params[0]: the character U+0001", command.ExitUsage},
	} {
		t.Run(tc.name, func(t *testing.T) {
			method := "any.thing"
			if tc.name == "a decimal" {
				method = "any.exact"
			}
			got, err := p.runIn(t, config.Folder{}, given{"curl": true}, "call", method, tc.word)
			exit := 0
			if e := command.Explain(t.Context(), err); e != nil {
				got, exit = e.Message, e.Exit
			}
			if exit != tc.exit || !strings.Contains(got, tc.want) {
				t.Errorf("got exit %d, %s\nwant exit %d and %s", exit, got, tc.exit, tc.want)
			}
		})
	}
}
