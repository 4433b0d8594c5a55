package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// completeBound is how long a completion may take: three times what a person is promised, since
// tests share the machine.
const completeBound = 3 * 300 * time.Millisecond

// complete asks for the completion of a line, in which | is the cursor.
func complete(ts *testscript.TestScript, neg bool, args []string) {
	before, behind, ok := strings.Cut(strings.Join(args, ""), "|")
	if neg || !ok {
		ts.Fatalf("usage: complete LINE, with a | at the cursor")
	}
	began := time.Now()
	if err := ts.Exec("netsvc", "__complete", "--line", before+behind, "--point", strconv.Itoa(len(before))); err != nil {
		ts.Fatalf("__complete: %v", err)
	}
	if took := time.Since(began); took > completeBound {
		ts.Fatalf("it took %v, want less than %v", took, completeBound)
	}
	if text := ts.ReadFile("stderr"); text != "" {
		ts.Fatalf("stderr has %q, want nothing", text)
	}
}
