package main

import (
	"context"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/netsvc/netsvc/internal/command"
)

// shellGrace is how long a shell command may take to end once it was told to. It is shorter than
// interruptPatience, so that the command which runs it still ends in good order.
const shellGrace = 500 * time.Millisecond

// shell runs a line by the system's shell; command.Env says how.
func shell(ctx context.Context, line command.ShellLine) error {
	cmd := exec.CommandContext(ctx, "sh", "-c", line.Text)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = line.In, line.Out, line.Err
	cmd.Env = append(os.Environ(), line.Facts...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = shellGrace
	return cmd.Run()
}
