//go:build linux && !race

package chaos_test

// buildFlags build the netsvc program as this test is built.
var buildFlags []string
