package command_test

import (
	"testing"

	"github.com/netsvc/netsvc/internal/command"
)

func TestParsePlace(t *testing.T) {
	for _, tc := range []struct {
		text, want, target string
		loopback           bool
	}{
		{"11111", "127.0.0.1:11111", "127.0.0.1:11111", true},
		{"0", "127.0.0.1:0", "127.0.0.1:0", true},
		{"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", true},
		{"127.3.2.1:5", "127.3.2.1:5", "127.3.2.1:5", true},
		{"localhost:5", "localhost:5", "localhost:5", true},
		{"[::1]:5", "[::1]:5", "[::1]:5", true},
		{":5", ":5", "127.0.0.1:5", false},
		{"0.0.0.0:5", "0.0.0.0:5", "127.0.0.1:5", false},
		{"[::]:5", "[::]:5", "127.0.0.1:5", false},
		{"192.0.2.7:5", "192.0.2.7:5", "192.0.2.7:5", false},
		{"box.example:5", "box.example:5", "box.example:5", false},
		{"unix:/run/x.sock", "unix:/run/x.sock", "unix:/run/x.sock", true},
		{"unix:x", "unix:x", "unix:x", true},
	} {
		t.Run(tc.text, func(t *testing.T) {
			p, err := command.ParsePlace(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if p.String() != tc.want || p.Target() != tc.target || p.Loopback() != tc.loopback {
				t.Errorf("got %s, target %s, loopback %v; want %s, %s, %v", p, p.Target(), p.Loopback(), tc.want, tc.target, tc.loopback)
			}
		})
	}
}

func TestParsePlaceRefuses(t *testing.T) {
	for _, text := range []string{"", "x", "70000", "host:", "host:http", "1.2.3.4", "::1:5:", "unix:", "-1", "a:b:c", "+5"} {
		if p, err := command.ParsePlace(text); err == nil {
			t.Errorf("ParsePlace(%q) = %v, want an error", text, p)
		}
	}
}
