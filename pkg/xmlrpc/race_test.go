//go:build race

package xmlrpc_test

const raceEnabled = true
