package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestEveryVariableIsExplained looks for the names of variables in the sources.
func TestEveryVariableIsExplained(t *testing.T) {
	help := helpOf(t, "help", "environment")
	name := regexp.MustCompile(`"(NETSVC_[A-Z]+)"`)
	found := 0
	for _, folder := range []string{".", filepath.Join("..", "..", "internal", "command")} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range name.FindAllSubmatch(text, -1) {
				found++
				if !strings.Contains(help, "\n  "+string(m[1])+" ") {
					t.Errorf("%s has %s, which help environment does not explain", file, m[1])
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("found %d variables, want at least 5", found)
	}
}

func TestEveryExitIsExplained(t *testing.T) {
	help := helpOf(t, "help", "exit-codes")
	for exit := range 11 {
		if !strings.Contains(help, "\n  "+strconv.Itoa(exit)+" ") {
			t.Errorf("exit code %d is not explained", exit)
		}
	}
	for number := range 256 {
		if word := wire.Code(number).String(); !strings.Contains(help, word) {
			t.Errorf("the code %s (%d) is not explained", word, number)
		}
	}
	for _, word := range []string{"usage", "internal", "partial", "no_context"} {
		if !strings.Contains(help, word) {
			t.Errorf("the code %s is not explained", word)
		}
	}
}

// TestEveryFormIsRight reads the examples of help values.
func TestEveryFormIsRight(t *testing.T) {
	help := helpOf(t, "help", "values")
	for _, form := range []string{"date:2026-11-22", "time:10:00:00", "datetime:2026-11-22T10:00:00Z", "dur:1h30m", "@@REST", "str:REST"} {
		if _, err := value.ParseForm(form, nil, nil); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		if !strings.Contains(help, "\n  "+form+" ") {
			t.Errorf("help values does not have %s", form)
		}
	}
	for kind := value.Any; kind <= value.Stream; kind++ {
		if !regexp.MustCompile(`\b` + kind.String() + `\b`).MatchString(help) {
			t.Errorf("help values does not name the type %s", kind)
		}
	}
}
