package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// way is a place where math.multiply can be called, and the processes that answer there.
type way struct {
	name      string
	url       string
	processes []*exec.Cmd
}

// patience is how long something may take to start.
const patience = 20 * time.Second

// startAll starts every way; the gateway's is the first. What has been started is returned in any
// case.
func startAll(folder string) ([]*way, error) {
	gateway := &way{name: "gateway, exchange and service"}
	abyss := &way{name: "xmlrpc-c, Abyss"}
	python := &way{name: "Python, SimpleXMLRPCServer"}
	ways := []*way{gateway, abyss, python}
	if err := gateway.startNetsvc(folder); err != nil {
		return ways, err
	}
	if err := abyss.startAbyss(folder); err != nil {
		return ways, err
	}
	if err := python.startPrinting("python3", filepath.Join("xmlrpc", "against", "simple.py")); err != nil {
		return ways, err
	}
	for _, w := range ways {
		if err := w.check(); err != nil {
			return ways, fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return ways, nil
}

func endAll(ways []*way) {
	for _, w := range ways {
		for _, p := range w.processes {
			_ = p.Process.Kill() // it may have ended by itself
			_ = p.Wait()
		}
	}
}

// build runs a compiler.
func build(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// startNetsvc starts the processes that a user would.
func (w *way) startNetsvc(folder string) error {
	program := filepath.Join(folder, "netsvc")
	if err := build("go", "build", "-C", "..", "-o", program, "./cmd/netsvc"); err != nil {
		return err
	}
	exchange, err := w.startListening(folder, "exchange", program, "exchange")
	if err != nil {
		return err
	}
	if err := w.start(exec.Command(program, "host", "math", "-x", exchange)); err != nil {
		return err
	}
	address, err := w.startListening(folder, "gateway", program, "gateway", "-x", exchange)
	w.url = "http://" + address
	return err
}

// startListening starts what writes into a file where it listens.
func (w *way) startListening(folder, name, program string, args ...string) (string, error) {
	file := filepath.Join(folder, name+".address")
	args = append(args, "--listen", "127.0.0.1:0", "--address-file", file)
	if err := w.start(exec.Command(program, args...)); err != nil {
		return "", err
	}
	for began := time.Now(); time.Since(began) < patience; time.Sleep(20 * time.Millisecond) {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), "\n") {
			line, _, _ := strings.Cut(string(text), "\n")
			return line, nil
		}
	}
	return "", fmt.Errorf("the %s did not start within %v", name, patience)
}

func (w *way) start(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	w.processes = append(w.processes, cmd)
	return nil
}

func (w *way) startAbyss(folder string) error {
	libraries, err := exec.Command("xmlrpc-c-config", "abyss-server", "--libs").Output()
	if err != nil {
		return fmt.Errorf("xmlrpc-c-config: %w", err)
	}
	program := filepath.Join(folder, "abyss")
	args := []string{"-O2", "-o", program, filepath.Join("xmlrpc", "against", "abyss.c")}
	if err := build("gcc", append(args, strings.Fields(string(libraries))...)...); err != nil {
		return err
	}
	return w.startPrinting(program)
}

// startPrinting starts what prints its address as its first line, and ends with its standard input.
func (w *way) startPrinting(program string, args ...string) error {
	cmd := exec.Command(program, args...)
	if _, err := cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := w.start(cmd); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	w.url = "http://" + strings.TrimSpace(line)
	return err
}

// check makes one call, and waits as long as the way is not ready.
func (w *way) check() error {
	client, err := xmlrpc.NewClient(w.url+"/RPC2", nil)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		v, err := client.Call(ctx, "math.multiply", 3, 4)
		switch {
		case err == nil && v == int64(12):
			return nil
		case err == nil:
			return fmt.Errorf("3 times 4 is %v", v)
		case ctx.Err() != nil:
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// cpu is what all processes of the way have used.
func (w *way) cpu() (time.Duration, error) {
	var sum time.Duration
	for _, p := range w.processes {
		used, err := process.CPUOf(p.Process.Pid)
		if err != nil {
			return 0, err
		}
		sum += used
	}
	return sum, nil
}
