package examples_test

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// build compiles programs and returns the folder they are in. It reads their sources, too, so that the
// test cache knows of them.
func build(t *testing.T, names ...string) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "netsvc") // t.TempDir may be too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	args := []string{"build", "-o", folder + string(filepath.Separator)}
	for _, name := range names {
		if _, err := os.ReadFile(filepath.Join(name, "main.go")); err != nil {
			t.Fatal(err)
		}
		args = append(args, "./"+name)
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return folder
}

// program is one that runs.
type program struct {
	name   string
	cmd    *exec.Cmd
	lines  chan string // of its stdout; closed at the end
	errors bytes.Buffer
}

// start runs a program that t kills at the latest.
func start(t *testing.T, folder, name string, args ...string) *program {
	t.Helper()
	return launch(t, name, exec.Command(filepath.Join(folder, name), args...))
}

func launch(t *testing.T, name string, cmd *exec.Cmd) *program {
	t.Helper()
	p := &program{name: name, cmd: cmd, lines: make(chan string, 1000)}
	p.cmd.Stderr = &p.errors
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() })
	go p.read(out)
	return p
}

func (p *program) read(out io.Reader) {
	defer close(p.lines)
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		p.lines <- scanner.Text()
	}
}

// line waits for the program's next line on stdout.
func (p *program) line(t *testing.T) string {
	t.Helper()
	return testnet.Receive(t, "a line of "+p.name, p.lines)
}

// interrupt sends SIGINT and wants the program to end as if all were well, and to say nothing.
func (p *program) interrupt(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.ends(t)
}

// ends waits for the program's end, which is to be as if all were well, and without a word.
func (p *program) ends(t *testing.T) {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		for range p.lines { // Wait may be called when all has been read
		}
		ended <- p.cmd.Wait()
	}()
	if err := testnet.Receive(t, "the end of "+p.name, ended); err != nil || p.errors.Len() > 0 {
		t.Errorf("%s ended with %v, stderr %q; want exit code 0 and nothing", p.name, err, p.errors.String())
	}
}

// listen makes an exchange that t closes and has it listen.
func listen(t *testing.T, network, address string) (*exchange.Exchange, string) {
	t.Helper()
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ex.Close() })
	addr, err := ex.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	return ex, addr.String()
}

// multiply asks a gateway for 6 times 7 and returns the HTTP status, and the result if there is one.
func multiply(t *testing.T, url string) (status int, result any) {
	t.Helper()
	document, err := xmlrpc.AppendCall(nil, "multiply", []any{6, 7}, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Post(url, "text/xml", bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		return response.StatusCode, nil
	}
	if result, err = xmlrpc.DecodeResponse(body, response.Header.Get("Content-Type"), nil); err != nil {
		t.Fatalf("response %s: %v", body, err)
	}
	return response.StatusCode, result
}

func isSquare(line string) bool {
	n, err := strconv.ParseInt(line, 10, 64)
	root := int64(math.Round(math.Sqrt(float64(n))))
	return err == nil && root*root == n
}

// The client and the service come first, the exchange last; then the exchange goes and another comes.
func TestServiceAndClientInAnyOrder(t *testing.T) {
	testnet.LeakCheck(t)
	folder := build(t, "client", "service")
	socket := filepath.Join(folder, "exchange")
	client := start(t, folder, "client", "unix:"+socket)
	math := start(t, folder, "service", "unix:"+socket)
	for range 2 {
		ex, _ := listen(t, "unix", socket)
		for range 2 {
			if line := client.line(t); !isSquare(line) {
				t.Errorf("the client printed %q, want a square", line)
			}
		}
		ex.Close()
		for len(client.lines) > 0 {
			<-client.lines
		}
	}
	client.interrupt(t)
	math.interrupt(t)
}

func TestGatewayFollowsTheGroup(t *testing.T) {
	testnet.LeakCheck(t)
	folder := build(t, "gateway", "service")
	ex, address := listen(t, "tcp", "127.0.0.1:0")
	gateway := start(t, folder, "gateway", address, "127.0.0.1:0")
	url := gateway.line(t) + "math"
	testnet.WaitFor(t, "the gateway to reach the exchange", func() bool {
		status, _ := multiply(t, url)
		return status == http.StatusNotFound
	})
	math := start(t, folder, "service", address)
	testnet.WaitFor(t, "the gateway to see the service", func() bool {
		status, result := multiply(t, url)
		return status == http.StatusOK && result == int64(42)
	})
	math.interrupt(t)
	testnet.WaitFor(t, "the gateway to see the service go", func() bool {
		status, _ := multiply(t, url)
		return status == http.StatusNotFound
	})
	ex.Close()
	testnet.WaitFor(t, "the gateway to see the exchange go", func() bool {
		status, _ := multiply(t, url)
		return status == http.StatusServiceUnavailable
	})
	gateway.interrupt(t)
}

func TestServiceAnswersUnderItsName(t *testing.T) {
	testnet.LeakCheck(t)
	folder := build(t, "service")
	ex, address := listen(t, "tcp", "127.0.0.1:0")
	math := start(t, folder, "service", address)
	conn, err := service.Connect(t.Context(), "", &service.Options{Dial: ex.Dial})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	testnet.WaitFor(t, "the service", func() bool {
		got, err := conn.Endpoint("math").Call(t.Context(), "multiply", 3, 4)
		return err == nil && got == int64(12)
	})
	d, err := conn.Describe(t.Context(), "math")
	if err != nil || strings.Join(d.Infos[0].Groups, " ") != "web-services" || len(d.Methods) != 1 {
		t.Errorf("describe math = %+v, %v; want one method, in the group web-services", d, err)
	}
	math.interrupt(t)
}

func TestEmbeddedIsAllFour(t *testing.T) {
	testnet.LeakCheck(t)
	all := start(t, build(t, "embedded"), "embedded")
	for _, want := range []string{"49", "144", "998001"} {
		if line := all.line(t); line != want {
			t.Errorf("printed %q, want %q", line, want)
		}
	}
	url := all.line(t)
	if !regexp.MustCompile(`^http://127\.0\.0\.1:[0-9]+/xmlrpc/service/math$`).MatchString(url) {
		t.Fatalf("printed %q, want the URL of the gateway", url)
	}
	if status, result := multiply(t, url); status != http.StatusOK || result != int64(42) {
		t.Errorf("multiply by HTTP = %d, %v; want 42", status, result)
	}
	all.interrupt(t)
}

// The subscriber comes first, the exchange last; a second subscriber gets the retained value at once,
// and what is measured only while somebody listens.
func TestPublisherAndSubscriber(t *testing.T) {
	testnet.LeakCheck(t)
	folder := build(t, "publisher", "subscriber")
	socket := filepath.Join(folder, "exchange")
	address := "unix:" + socket
	temperatures := start(t, folder, "subscriber", address, "thermometer", "temp*")
	thermometer := start(t, folder, "publisher", address)
	ex, _ := listen(t, "unix", socket)
	for _, want := range []string{
		`^thermometer@[0-9]+ temperature [0-9.]+`,
		`^thermometer@[0-9]+ temperature [0-9.]+$`,
	} {
		if line := temperatures.line(t); !regexp.MustCompile(want).MatchString(line) {
			t.Errorf("the subscriber printed %q, want %s", line, want)
		}
	}
	if line := thermometer.line(t); line != "subscribed subscriber [temp*]" {
		t.Errorf("the publisher printed %q", line)
	}
	all := start(t, folder, "subscriber", address)
	if line := all.line(t); !regexp.MustCompile(`^thermometer@[0-9]+ temperature [0-9.]+ since [0-9:]+$`).MatchString(line) {
		t.Errorf("the late subscriber printed %q, want the retained temperature", line)
	}
	testnet.WaitFor(t, "a draught", func() bool { return strings.Contains(all.line(t), " draught ") })
	if line := thermometer.line(t); line != "subscribed subscriber []" {
		t.Errorf("the publisher printed %q", line)
	}
	all.interrupt(t)
	if line := thermometer.line(t); line != "unsubscribed subscriber []" {
		t.Errorf("the publisher printed %q", line)
	}
	thermometer.interrupt(t)
	temperatures.interrupt(t)
	ex.Close()
}
