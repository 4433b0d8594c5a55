package render_test

import (
	"fmt"
	"testing"

	"github.com/netsvc/netsvc/internal/render"
)

// BenchmarkTable is of ten thousand rows, all of them ASCII or none.
func BenchmarkTable(b *testing.B) {
	for _, name := range []string{"service", "сервис"} {
		b.Run(name, func(b *testing.B) {
			table := render.Table{Header: []string{"NAME", "STATE", "METHODS"}}
			for i := range 10_000 {
				table.Add(fmt.Sprintf("%s-%d", name, i), "ready", name+" add divide multiply series +2")
			}
			b.ReportAllocs()
			for b.Loop() {
				table.Append(nil, render.Look{Terminal: true, Width: 50})
			}
		})
	}
}
