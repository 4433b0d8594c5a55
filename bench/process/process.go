// Package process runs the parts of a measurement as processes of their own: this very
// program, started again in a role. Parent and child talk in lines. The child prints one
// when it is ready; after that it answers each line of its standard input, and it ends when
// that ends, so no child outlives its parent.
//
//	func main() {
//		if process.Run(roles) {
//			return // this process was a child
//		}
//		child, address, err := process.Start("exchange")
//		...
//		defer child.End()
package process

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Role is what a child does, from its first line to its end. args are those of Start. An
// error ends the process with exit code 1 and is printed to standard error.
type Role func(args []string) error

// Run plays a role if the command line asks for one of roles, and reports whether it did.
func Run(roles map[string]Role) bool {
	if len(os.Args) < 2 || roles[os.Args[1]] == nil {
		return false
	}
	if err := profiled(os.Args[1], roles[os.Args[1]], os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
	return true
}

// Answer is the usual life of a child that has begun its work: it prints ready and then the
// answer to each question. It returns when there are no more questions, or with the first
// error of answer, which may be nil for a child that is never asked.
func Answer(ready string, answer func(question string) (string, error)) error {
	fmt.Println(ready)
	questions := bufio.NewScanner(os.Stdin)
	for questions.Scan() {
		if answer == nil {
			return fmt.Errorf("asked %q, and has no answers", questions.Text())
		}
		text, err := answer(questions.Text())
		if err != nil {
			return err
		}
		fmt.Println(text)
	}
	return questions.Err()
}

// Process is a child. Its methods are for one goroutine.
type Process struct {
	role string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
}

// longestLine bounds a line of a child, in bytes.
const longestLine = 1 << 20

// Start starts this program in a role and waits for its first line, which is returned.
func Start(role string, args ...string) (*Process, string, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	p := &Process{role: role, cmd: exec.Command(program, append([]string{role}, args...)...)}
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, "", err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	p.out = bufio.NewScanner(out)
	p.out.Buffer(nil, longestLine)
	if err := p.cmd.Start(); err != nil {
		return nil, "", err
	}
	line, err := p.Line()
	if err != nil {
		p.Kill()
		return nil, "", err
	}
	return p, line, nil
}

// Line waits for the next line that the child prints.
func (p *Process) Line() (string, error) {
	if !p.out.Scan() {
		return "", fmt.Errorf("the %s ended too early", p.role)
	}
	return p.out.Text(), nil
}

// Ask sends a line and waits for the next one of the child.
func (p *Process) Ask(question string) (string, error) {
	if _, err := fmt.Fprintln(p.in, question); err != nil {
		return "", fmt.Errorf("ask the %s: %w", p.role, err)
	}
	return p.Line()
}

// grace is how long a child may take to end by itself.
const grace = 5 * time.Second

// End ends the child's input, so that it ends, and waits for it. One that has not ended
// after 5 s is killed.
func (p *Process) End() {
	p.in.Close()
	late := time.AfterFunc(grace, func() { p.cmd.Process.Kill() })
	p.cmd.Wait()
	late.Stop()
}

// Kill ends the child at once (SIGKILL) and waits for it.
func (p *Process) Kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}
