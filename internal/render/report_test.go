package render_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/render"
)

// TestReportLines has one line for each report, and one where some are missing.
func TestReportLines(t *testing.T) {
	at := time.Date(2026, 11, 24, 1, 2, 3, 45_000_000, time.Local)
	reports := []render.Report{
		{Time: at, Instance: "clock@2", Subject: "tick", Value: []byte(`{"n":1,"zone":"UTC"}`)},
		{Time: at, Instance: "clock@2", Subject: "started", Value: []byte(`"today"`), Retained: true},
		{Time: at, Instance: "clock@2", Subject: "none", Value: []byte("null")},
		{Time: at, Instance: "evil@3\r", Subject: "a\x1b[2J\nclock@2 tick", Value: []byte(`{"` + "\u202e" + `":"` + "\u009b31m\u200b" + `"}`)},
	}
	gaps := []struct {
		count   uint64
		unknown bool
	}{{1, false}, {1 << 40, false}, {0, true}}
	looks := []struct {
		file string
		look render.Look
	}{
		{"reports_colour.txt", render.Look{Terminal: true, Color: true}},
		{"reports_plain.txt", render.Look{Terminal: true}},
	}
	for _, tt := range looks {
		t.Run(tt.file, func(t *testing.T) {
			var got []byte
			for i := range reports {
				got = reports[i].Append(got, tt.look)
			}
			for _, g := range gaps {
				got = tt.look.AppendGap(got, g.count, g.unknown)
			}
			golden(t, tt.file, bytes.ReplaceAll(got, []byte("\x1b"), []byte("<ESC>"))) // so that the file is text
		})
	}
}
