package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// child is one process of a measurement.
type child struct {
	cmd *exec.Cmd
	out *bufio.Scanner
}

// start runs this program in a role and waits for its first line, which says it is ready.
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
	c := &child{cmd: cmd, out: bufio.NewScanner(pipe)}
	if !c.out.Scan() {
		c.stop()
		return nil, "", fmt.Errorf("the %s ended before it was ready", role)
	}
	return c, c.out.Text(), nil
}

func (c *child) stop() {
	c.cmd.Process.Kill()
	c.cmd.Wait()
}

// measure runs a middle, a service and a caller once.
func measure(middle string, flight, payload int, length time.Duration) (sample, error) {
	m, addr, err := start(middle)
	if err != nil {
		return sample{}, err
	}
	defer m.stop()
	size := strconv.Itoa(payload)
	svc, _, err := start("service", middle, addr, size)
	if err != nil {
		return sample{}, err
	}
	defer svc.stop()
	cli, _, err := start("caller", middle, addr, size, strconv.Itoa(flight), length.String())
	if err != nil {
		return sample{}, err
	}
	defer cli.stop()
	before, err := cpuTime(m.cmd.Process.Pid)
	if err != nil {
		return sample{}, err
	}
	if !cli.out.Scan() {
		return sample{}, fmt.Errorf("the caller ended without a result")
	}
	after, err := cpuTime(m.cmd.Process.Pid)
	if err != nil {
		return sample{}, err
	}
	calls, err := strconv.ParseFloat(cli.out.Text(), 64)
	if err != nil || calls == 0 {
		return sample{}, fmt.Errorf("the caller made %q calls", cli.out.Text())
	}
	return sample{calls: calls / length.Seconds(), cpu: (after - before).Seconds() * 1e6 / calls}, nil
}

// cpuTime is the user and system time a process has used, from /proc (proc(5)).
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var sum int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return time.Duration(sum) * (time.Second / 100), nil // a tick is 10 ms
}
