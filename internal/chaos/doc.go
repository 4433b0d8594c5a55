// Package chaos is the proof that every call ends in exactly one definite way: tests that
// run the netsvc program and processes of their own, and kill, stop, drain and cut them
// off from each other. It has no code for anyone else, and runs on Linux only.
//
// # The history
//
// Each process appends lines of JSON to a file of its own: a caller what it asks and how
// that ended, a replica what it begins and ends to execute, the test what it did to whom.
// A line is one write, so it outlives the process. Times are of the machine's monotonic
// clock, the same for all processes. When all is calm the histories are read together and
// a list of rules looks at them; each rule has forged histories that show how it fails. When
// one fails, all records are kept in a file in the order of time, and its name is printed.
//
// # The fault cases
//
// Each is a test of its own, TestFault_NN; docs/faults.md says what they prove. A bystander
// looks on in every one: a process that calls its own service through the same exchange.
// What it has seen is printed as a table when all are over, with -v.
//
// # Length and seed
//
//	CHAOS_TIME  how long the chaos lasts; 16s when unset
//	CHAOS_SEED  the seed of who is hurt when and how; random when unset, always printed
//	CHAOS_FULL  set to run the cases that need the beat times of production, too
//
// The seed decides every choice; how the processes interleave is the machine's.
package chaos
