package process

import (
	"runtime"
	"testing"
	"time"
)

func TestOthersBetween(t *testing.T) {
	processors := time.Duration(runtime.NumCPU())
	then := Machine{From: time.Now(), Busy: time.Hour, Ours: time.Minute}
	tests := []struct {
		name       string
		busy, ours time.Duration // since
		want       float64
	}{
		{"nobody works", 0, 0, 0},
		{"all is ours", processors * time.Second, processors * time.Second, 0},
		{"half is ours", processors * time.Second, processors * time.Second / 2, 0.5},
		{"ours is counted more finely", time.Second, time.Second + time.Millisecond, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := Machine{From: then.From.Add(time.Second), Busy: then.Busy + tt.busy, Ours: then.Ours + tt.ours}
			if got := OthersBetween(then, now); got != tt.want {
				t.Errorf("OthersBetween = %v, want %v", got, tt.want)
			}
		})
	}
}
