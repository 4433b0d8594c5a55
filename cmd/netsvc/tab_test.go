package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// shellKind is a shell that people type at.
type shellKind struct {
	name    string
	command []string
	setup   []string // lines that load the completion, make Ctrl-G print the line between < and >, and say ready
}

func shellKinds() []shellKind {
	bash := []string{"bash", "--norc", "--noprofile", "-i"}
	zsh := []string{"zsh", "-f", "-i"}
	const (
		showBash = `bind -x '"\C-g":printf "<%s>\n" "$READLINE_LINE"'`
		showZsh  = `show() { print -r -- "<$BUFFER>" }; zle -N show; bindkey '^g' show`
		ready    = `echo rea''dy`
	)
	return []shellKind{
		{"bash", bash, []string{`eval "$(netsvc completion bash)"`, showBash, ready}},
		{"bash with other word breaks", bash, []string{`eval "$(netsvc completion bash)"`, `COMP_WORDBREAKS=' '`, showBash, ready}},
		{"zsh", zsh, []string{`eval "$(netsvc completion zsh)"`, showZsh, ready}},
		{"zsh that finds it", zsh, []string{
			`mkdir site; netsvc completion zsh >site/_netsvc; fpath=($PWD/site $fpath); autoload -Uz compinit; compinit -u`, showZsh, ready,
		}},
		{"fish", []string{"fish", "--no-config", "-i"}, []string{
			`netsvc completion fish | source`, `bind \cg 'echo "<"(commandline)">"'`, ready,
		}},
	}
}

// typist is somebody at a shell.
type typist struct {
	*session
	seen int // bytes of what was shown
}

// sitDown starts a shell on a terminal, in a folder with one file in it.
func sitDown(t *testing.T, kind shellKind, address string) *typist {
	t.Helper()
	path, err := exec.LookPath(kind.command[0])
	if err != nil {
		t.Fatalf("%v; make clients installs it", err)
	}
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "some file.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, kind.command[1:]...)
	cmd.Dir = home
	cmd.Env = []string{
		"TERM=xterm", "NO_COLOR=1", "LC_ALL=C.UTF-8", "HOME=" + home, "ZDOTDIR=" + home, "XDG_CONFIG_HOME=" + home, "XDG_DATA_HOME=" + home,
		"PATH=" + os.Getenv("PATH"), "NETSVC_EXCHANGE=" + address, "GORACE=" + raceOptions,
	}
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 200})
	if err != nil {
		t.Fatal(err)
	}
	p := &typist{session: &session{terminal: terminal, leader: cmd}}
	var reading sync.WaitGroup
	reading.Go(p.read) // ends with the shell
	t.Cleanup(func() {
		p.signal(syscall.SIGKILL)
		cmd.Wait()
		reading.Wait()
		terminal.Close()
	})
	for _, line := range kind.setup {
		p.press(line + "\r")
	}
	p.await(t, "ready")
	return p
}

// await waits until something is shown that was not before, and returns what is new until then.
func (p *typist) await(t *testing.T, pattern string) string {
	t.Helper()
	match := regexp.MustCompile(pattern)
	testnet.WaitFor(t, pattern+" on the terminal", func() bool { return match.MatchString(p.text()[p.seen:]) })
	text := p.text()[p.seen:]
	p.seen += len(text)
	return text
}

// shownLine matches what Ctrl-G prints.
var shownLine = regexp.MustCompile(`<([^<>]*netsvc[^<>]*)>`)

// lineAfter types keys and a TAB, and returns the line as the shell then has it.
func (p *typist) lineAfter(t *testing.T, keys string) string {
	t.Helper()
	p.press(keys + "\t\a")
	lines := shownLine.FindAllStringSubmatch(p.await(t, shownLine.String()), -1)
	p.press("\x15") // Ctrl-U: an empty line
	return lines[len(lines)-1][1]
}

// hostileWord is what no shell may take for more than a text.
const hostileWord = "run `touch owned` $(touch owned) \"'\\ ;touch owned"

// tabWorld is an exchange with services, which nobody has called.
func tabWorld(t *testing.T) (address string, ex *exchange.Exchange) {
	t.Helper()
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ex.Close() })
	addr, err := ex.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := service.Connect(context.Background(), addr.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	math := service.New("math", &service.ServiceOptions{Description: "Arithmetic", Groups: []string{"web-services"}})
	math.Export("multiply", func(x, y int64) int64 { return x * y }, &service.MethodOptions{Params: []string{"x", "y"}})
	math.Export("divide", func(x, y int64) int64 { return x / y }, &service.MethodOptions{Params: []string{"x", "y"}})
	clock := service.New("clock", &service.ServiceOptions{Subjects: []string{"tick"}, Description: "$(touch owned) `touch owned`"})
	clock.Export("set", func(string) {}, nil)
	clock.Export("face", func(string) {}, &service.MethodOptions{Params: []string{"look"}, Enums: map[string][]string{"look": {"plain", "very $HOME; fine", "it's", hostileWord}}})
	for _, s := range []*service.Service{math, clock} {
		if err := conn.Announce(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	return addr.String(), ex
}

// TestTab presses TAB in real shells. Each must make the same of the line, and nobody is called.
func TestTab(t *testing.T) {
	for _, kind := range shellKinds() {
		t.Run(kind.name, func(t *testing.T) {
			testnet.LeakCheck(t)
			address, ex := tabWorld(t)
			p := sitDown(t, kind, address)
			number := regexp.MustCompile(`@[0-9]+`)
			for _, tc := range []struct{ name, typed, want string }{
				{"a command", "netsvc exc", "netsvc exchange "},
				{"a command of a command", "netsvc context u", "netsvc context use "},
				{"a service keeps its end open", "netsvc call ma", "netsvc call math."},
				{"a method", "netsvc call math.mu", "netsvc call math.multiply "},
				{"a method in quotes", `netsvc call "math.mu`, `netsvc call "math.multiply" `},
				{"an address", "netsvc call math@", "netsvc call math@N."},
				{"a method of an address", "netsvc call math@3.mu", "netsvc call math@3.mu"},
				{"a flag", "netsvc call --no-r", "netsvc call --no-reply "},
				{"a value of a flag", "netsvc wait --for wi", "netsvc wait --for withdrawn "},
				{"a value behind =", "netsvc wait --for=wi", "netsvc wait --for=withdrawn "},
				{"a group", "netsvc ls --group we", "netsvc ls --group web-services "},
				{"a name that is left", "netsvc call math.multiply x=3 y:", "netsvc call math.multiply x=3 y:="},
				{"a subject", "netsvc sub clock:t", "netsvc sub clock:tick "},
				{"a file behind @", "netsvc call clock.set @som", `netsvc call clock.set @some\ file.json `},
				{"a file behind @, in quotes", "netsvc call clock.set '@som", `netsvc call clock.set '@some file.json' `},
				{"a file for a flag", "netsvc exchange --address-file som", `netsvc exchange --address-file some\ file.json `},
				{"behind letters of many bytes", "netsvc wait é clo", "netsvc wait é clock "},
				{"the second command of a line", "true; netsvc call ma", "true; netsvc call math."},
				{"a value that the shell would read", "netsvc call clock.face ve", `netsvc call clock.face very\ \$HOME\;\ fine `},
				{"such a value in quotes", "netsvc call clock.face 've", "netsvc call clock.face 'very $HOME; fine' "},
				{"such a value in double quotes", `netsvc call clock.face "ve`, `netsvc call clock.face "very \$HOME; fine" `},
				{"such a value behind a name", "netsvc call clock.face look=ve", `netsvc call clock.face look=very\ \$HOME\;\ fine `},
				{"another exchange", "netsvc -x 127.0.0.1:1 call ma", "netsvc -x 127.0.0.1:1 call ma"},
			} {
				if got := number.ReplaceAllString(p.lineAfter(t, tc.typed), "@N"); got != number.ReplaceAllString(tc.want, "@N") {
					t.Errorf("%s: %q became %q, want %q", tc.name, tc.typed, got, tc.want)
				}
			}
			for _, quote := range []string{"", "'", `"`} { // it arrives as it is, and is not run
				p.press("netsvc call clock.face --dry-run -o jsonl " + quote + "ru\t\r")
				p.await(t, regexp.QuoteMeta(`"args":[`+strconv.Quote(hostileWord)+`]`))
			}
			p.press("netsvc call \t\t") // a list, with what the services say of themselves
			p.await(t, `Arithmetic`)
			p.press("\x15netsvc call math.multiply \t\t")
			p.await(t, `(?s)x:=.*y:=`)
			if totals := ex.Stats(); totals.Calls != 0 || totals.Connections < 10 {
				t.Errorf("%d calls by %d connections, want none by many", totals.Calls, totals.Connections)
			}
			if _, err := os.Stat(filepath.Join(p.leader.Dir, "owned")); err == nil {
				t.Error("what a service says of itself was run")
			}
		})
	}
}
