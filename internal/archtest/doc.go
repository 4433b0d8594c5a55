// Package archtest holds the laws of the house as tests: which package may import
// which, how packages are documented, which words exported names use, how goroutines
// start, where clocks are read, how long a function may grow. It has no code for
// anyone else.
//
// A law reads the sources through go/parser and never asks the go command, because a
// test that runs another program is answered from the test cache after the sources
// have changed; files that a test opens itself are part of the cache's key.
//
// Each failure names the place, the rule and the page with the reason. Each law also
// has samples under testdata, sources that break it and sources that keep it, so that
// a law which can no longer fail is itself a failure.
//
// # To add a package
//
// Give it a row in the table of floors_test.go. Until then the law of floors fails.
//
// # To add a law
//
// Write its check, add it to the table in law_test.go, and show in
// testdata/NAME/*.txtar what it finds and what it leaves alone.
package archtest
