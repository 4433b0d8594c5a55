package spread

import "testing"

func TestOf(t *testing.T) {
	tests := []struct {
		name   string
		values []float64
		want   Spread
	}{
		{"one value", []float64{3}, Spread{3, 3, 3}},
		{"an odd number", []float64{5, 1, 4}, Spread{4, 1, 5}},
		{"an even number", []float64{8, 1, 2, 4}, Spread{3, 1, 8}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Of(tt.values); got != tt.want {
				t.Errorf("Of(%v) = %v, want %v", tt.values, got, tt.want)
			}
		})
	}
}
