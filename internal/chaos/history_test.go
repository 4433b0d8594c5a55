//go:build linux

package chaos_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// What a record tells.
const (
	asked    = "asked"    // a caller makes a call
	outcome  = "outcome"  // and has been told how it ended
	begun    = "begun"    // a handler starts
	parked   = "parked"   // it keeps its request and returns
	finished = "finished" // it returns, or is about to answer what it has kept
	relayed  = "relayed"  // a handler starts that forwards its request
	struck   = "struck"   // the test hurts somebody
	killed   = "killed"   // the test has killed a process
	closed   = "closed"   // a process has closed its connection and looked for leaks
)

// record is one line of a history.
type record struct {
	Kind    string        `json:"kind"`
	At      time.Duration `json:"at"`
	Process string        `json:"process"` // who writes, or who was killed
	ID      string        `json:"id,omitempty"`

	Way      string        `json:"way,omitempty"`      // asked: how, for rules that differ
	Deadline time.Duration `json:"deadline,omitempty"` // asked
	CancelAt time.Duration `json:"cancel,omitempty"`   // asked: after so long the caller gives up
	Wanted   int           `json:"wanted,omitempty"`   // asked: results of a whole stream
	Stop     int           `json:"stop,omitempty"`     // asked: results after which the caller has enough

	Code      string `json:"code,omitempty"` // outcome: empty for a result
	Delivered string `json:"delivered,omitempty"`
	Result    string `json:"result,omitempty"`
	Results   int    `json:"results,omitempty"`  // outcome: of a stream, so many before the end
	Instance  string `json:"instance,omitempty"` // outcome, begun, parked, finished
	Service   string `json:"service,omitempty"`  // begun
	Wrong     string `json:"wrong,omitempty"`    // what only the writer could see to be wrong
	Note      string `json:"note,omitempty"`     // struck: what was done

	Leaks string `json:"leaks,omitempty"` // closed: what was left open, if anything
}

// clock is the machine's monotonic time, which all its processes share.
func clock() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err) // the system has no such clock
	}
	return time.Duration(ts.Nano())
}

// journal appends the records of one process to its file.
type journal struct {
	process string
	file    *os.File
}

func openJournal(path, process string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &journal{process: process, file: f}, nil
}

// write appends r by one system call, so that a process killed at any moment leaves whole
// records. A history that cannot be written proves nothing, so it ends the process.
func (j *journal) write(r record) {
	r.At = clock()
	if r.Process == "" {
		r.Process = j.process
	}
	line, err := json.Marshal(r)
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	if err != nil {
		panic(fmt.Sprintf("write the history: %v", err))
	}
}

// readRecords reads all histories in a folder.
func readRecords(dir string) ([]record, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.history"))
	if err != nil {
		return nil, err
	}
	var all []record
	for _, name := range files {
		records, err := readFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	return all, nil
}

func readFile(name string) ([]record, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var records []record
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		records = append(records, r)
	}
	return records, lines.Err()
}
