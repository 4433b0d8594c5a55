package command

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// checkGateway finds out whether the gateway of the settings answers, if there is one.
func (d *doctor) checkGateway(ctx context.Context) {
	const check = "gateway"
	address := d.env.Settings.Gateway
	if address == "" {
		return
	}
	within, cancel := d.within(ctx)
	defer cancel()
	status, err := askHTTP(within, address)
	origin := string(d.env.Settings.Of("gateway").Origin)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		d.fail(check, "is the URL right? it is that of: "+origin, "%s: %s", address, noAnswer)
	case err != nil:
		d.fail(check, "netsvc gateway starts one; is the URL right? it is that of: "+origin, "%s: %s", address, lastWord(err))
	case status >= http.StatusInternalServerError:
		d.warn(check, "can the gateway reach its exchange?", "%s answers HTTP %d", address, status)
	case status == http.StatusNotFound:
		d.warn(check, "netsvc gateway --mount says where it is", "%s answers HTTP %d: nothing is mounted there", address, status)
	default:
		d.ok(check, "%s answers", address)
	}
}

// askHTTP makes a request that changes nothing, by no proxy, and returns the status of the answer.
func askHTTP(ctx context.Context, address string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	var tried *url.Error
	if errors.As(err, &tried) {
		return 0, tried.Err
	}
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// checkProcess looks at what this process may do and where it shows what it does.
func (d *doctor) checkProcess() {
	d.checkDescriptors()
	d.checkTerminal()
}

// Fewer descriptors than the first are too few for any netsvc; an exchange lets in as many
// processes as the second says, unless it is told another limit.
const (
	fewDescriptors  = 64
	defaultSessions = 10_000
)

func (d *doctor) checkDescriptors() {
	const check = "descriptors"
	have := d.env.Descriptors
	switch {
	case have == 0:
	case have < fewDescriptors:
		d.fail(check, "ulimit -n 1024", "a process may have %d files and connections open", have)
	case have <= defaultSessions:
		d.warn(check, "ulimit -n 16384, before netsvc exchange", "an exchange started here could have %d connections, fewer than its limit of %d sessions", have, defaultSessions)
	default:
		d.ok(check, "a process may have %d files and connections open", have)
	}
}

func (d *doctor) checkTerminal() {
	if !d.env.OutLook.Terminal {
		d.ok("terminal", "stdout is none")
		return
	}
	switch name := d.env.Getenv("TERM"); name {
	case "":
		d.warn("terminal", "such as TERM=xterm-256color", "TERM is not set")
	default:
		d.ok("terminal", "%s", name)
	}
	name, locale := d.locale()
	if !strings.Contains(strings.ReplaceAll(strings.ToLower(locale), "-", ""), "utf8") {
		d.warn("locale", "such as LANG=C.UTF-8", "%s=%q is not UTF-8: text may look wrong", name, locale)
		return
	}
	d.ok("locale", "%s=%s", name, locale)
}

// locale is the variable that decides how characters are encoded, and its value.
func (d *doctor) locale() (name, value string) {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := d.env.Getenv(name); value != "" {
			return name, value
		}
	}
	return "LANG", ""
}
