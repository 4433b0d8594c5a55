//go:build linux && !race

package chaos_test

// buildFlags build the netsvc program as this test is built.
var buildFlags []string

// crowdCount is how many clients a storm has, without CHAOS_FULL.
const crowdCount = 2_000

// memoryOfAByte is what a byte takes, which is more under the race detector.
const memoryOfAByte = 1
