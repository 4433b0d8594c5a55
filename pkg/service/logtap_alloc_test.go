//go:build !race

package service_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
)

// TestAllocationsOfALogTap: while nobody listens a record costs what it costs without the tap.
func TestAllocationsOfALogTap(t *testing.T) {
	log := slog.New(service.NewLogTap(nil)).With("service", "clock")
	ctx := context.Background()
	got := testing.AllocsPerRun(1000, func() {
		log.LogAttrs(ctx, slog.LevelError, "message", slog.Int("n", 1), slog.String("text", "t"))
	})
	if got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}
