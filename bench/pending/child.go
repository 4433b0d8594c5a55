package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// child is one process of the measurement.
type child struct {
	role string
	cmd  *exec.Cmd
	out  *bufio.Scanner
}

// start runs this program in a role and returns its first line, which says it is ready.
func start(role string, args ...string) (*child, string, error) {
	cmd := exec.Command(os.Args[0], append([]string{role}, args...)...)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	c := &child{role: role, cmd: cmd, out: bufio.NewScanner(pipe)}
	line, err := c.line()
	if err != nil {
		c.kill()
		return nil, "", err
	}
	return c, line, nil
}

// line waits for the next line that the process prints.
func (c *child) line() (string, error) {
	if !c.out.Scan() {
		return "", fmt.Errorf("the %s ended too early", c.role)
	}
	return c.out.Text(), nil
}

func (c *child) kill() {
	c.cmd.Process.Kill()
	c.cmd.Wait()
}

// memory is what an exchange takes, in bytes.
type memory struct{ heap, resident int64 }

// memory asks an exchange for its live heap, and the system for its resident pages (proc(5)),
// before, because the collection that the question starts may change them.
func (c *child) memory() (memory, error) {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", c.cmd.Process.Pid))
	if err != nil {
		return memory{}, err
	}
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		return memory{}, err
	}
	if err := c.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return memory{}, err
	}
	line, err := c.line()
	if err != nil {
		return memory{}, err
	}
	heap, err := strconv.ParseInt(line, 10, 64)
	return memory{heap: heap, resident: pages * int64(os.Getpagesize())}, err
}
