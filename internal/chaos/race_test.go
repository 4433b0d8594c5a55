//go:build linux && race

package chaos_test

// buildFlags build the netsvc program as this test is built.
var buildFlags = []string{"-race"}

// crowdCount is how many clients a storm has, without CHAOS_FULL.
const crowdCount = 500

// memoryOfAByte is what a byte takes: the race detector keeps four more for it.
const memoryOfAByte = 5
