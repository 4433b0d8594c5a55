package main

import (
	"runtime"
	"strconv"

	"github.com/netsvc/netsvc/bench/process"
)

// memory is what an exchange takes, in bytes.
type memory struct{ heap, resident int64 }

// memoryOf asks the system for an exchange's resident pages and then the exchange for its
// live heap. The collection that the question starts would change the pages.
func memoryOf(ex *process.Process) (memory, error) {
	resident, err := ex.Resident()
	if err != nil {
		return memory{}, err
	}
	line, err := ex.Ask("heap")
	if err != nil {
		return memory{}, err
	}
	heap, err := strconv.ParseInt(line, 10, 64)
	return memory{heap: heap, resident: resident}, err
}

// liveHeap is the exchange's answer. It collects twice, so that what the first run found
// dead is not counted.
func liveHeap(string) (string, error) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return strconv.FormatUint(m.HeapAlloc, 10), nil
}
