package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// shellGrace is how long a shell command may take to end once it was told to. It is shorter than
// interruptPatience, so that the command which runs it still ends in good order.
const shellGrace = 500 * time.Millisecond

// shell runs a line by the system's shell; command.Env says how.
func (p *program) shell(ctx context.Context, line string, facts []string, stdin []byte) error {
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), p.std.out, p.std.err
	cmd.Env = append(os.Environ(), facts...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = shellGrace
	return cmd.Run()
}
