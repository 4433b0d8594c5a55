package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed clients
var clientFiles embed.FS

// driver runs a foreign client: a program in its language that reads the calls from a file,
// makes each, and prints a line of JSON for it, {"name":..., "got":...}.
type driver struct {
	command string
	file    string
	args    []string // behind the URL and the file of calls
}

var drivers = map[string]driver{
	"python":       {command: "python3", file: "python.py"},
	"xmlrpc-c":     {command: "python3", file: "xmlrpc_c.py"},
	"perl":         {command: "perl", file: "perl.pl"},
	"perl-deflate": {command: "perl", file: "perl.pl", args: []string{"deflate"}},
	"node":         {command: "node", file: "node.js"},
	"ruby":         {command: "ruby", file: "ruby.rb"},
	"php":          {command: "php", file: "php.php"},
}

func (d driver) run(ctx context.Context, gateway string, checks []check) (map[string]outcome, error) {
	folder, err := os.MkdirTemp("", "validate")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	program, calls := filepath.Join(folder, d.file), filepath.Join(folder, "calls.json")
	source, err := clientFiles.ReadFile("clients/" + d.file)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(withPaths(checks))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(program, source, 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(calls, data, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, d.command, append([]string{program, gateway, calls}, d.args...)...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, shorten(complaints.String(), 500))
	}
	return readOutcomes(out)
}

// withPaths says of each call where it goes, so that no client has to know the rule.
func withPaths(checks []check) []check {
	full := make([]check, len(checks))
	for i, c := range checks {
		c.Path = c.path()
		full[i] = c
	}
	return full
}

func readOutcomes(lines []byte) (map[string]outcome, error) {
	outcomes := map[string]outcome{}
	for line := range bytes.Lines(lines) {
		var result struct {
			Name string  `json:"name"`
			Got  outcome `json:"got"`
		}
		if err := json.Unmarshal(line, &result); err != nil {
			return nil, fmt.Errorf("line %q: %w", line, err)
		}
		outcomes[result.Name] = result.Got
	}
	return outcomes, nil
}
