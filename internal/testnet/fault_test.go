package testnet

import (
	"bytes"
	"testing"
	"time"
)

// writes records the size of each write and all bytes.
type writes struct {
	sizes []int
	bytes.Buffer
}

func (w *writes) Write(p []byte) (int, error) {
	w.sizes = append(w.sizes, len(p))
	return w.Buffer.Write(p)
}

func TestDeliverCutsTheStreamIntoSlices(t *testing.T) {
	l := newLane(new(link), nil, nil, newWay())
	l.way.set(Fault{Slice: 3})
	data := bytes.Repeat([]byte("0123456789"), 30)
	var got writes
	if err := l.deliver(&got, data); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), data) {
		t.Errorf("delivered %q, want the bytes sent", got.Bytes())
	}
	seen := make(map[int]bool)
	for _, size := range got.sizes {
		seen[size] = true
	}
	if !seen[1] || !seen[2] || !seen[3] || len(seen) != 3 {
		t.Errorf("sizes of writes = %v, want a mix of 1, 2 and 3", got.sizes)
	}
}

func TestCapCutsWritesAndPausesToKeepTheRate(t *testing.T) {
	tests := []struct {
		name      string
		fault     Fault
		waiting   int
		wantSize  int
		wantPause time.Duration
	}{
		{"no cap", Fault{}, 5000, 5000, 0},
		{"a hundredth of a second at once", Fault{BytesPerSecond: 10000}, 5000, 100, 10 * time.Millisecond},
		{"less than that is waiting", Fault{BytesPerSecond: 10000}, 50, 50, 5 * time.Millisecond},
		{"slower than a byte per pace", Fault{BytesPerSecond: 4}, 50, 1, 250 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			size := tt.fault.size(tt.waiting, nil)
			if pause := tt.fault.pause(size); size != tt.wantSize || pause != tt.wantPause {
				t.Errorf("size, pause = %d, %v, want %d, %v", size, pause, tt.wantSize, tt.wantPause)
			}
		})
	}
}
