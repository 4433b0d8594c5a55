package command

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// checkWay goes the way to the exchange step by step, as far as it leads.
func (d *doctor) checkWay(ctx context.Context) {
	d.apart = true
	place, err := ParsePlace(d.env.Settings.Exchange)
	if err != nil || !d.checkAddress(ctx, place) {
		return // settings that have an address can be read
	}
	begun := time.Now()
	conn, err := d.env.Connect(ctx, false)
	if err != nil {
		d.checkAbsence(ctx, place, err)
		return
	}
	d.apart = false
	d.ok("connection", "%s takes connections, this one after %v", place, since(begun))
	d.ok("protocol", "an exchange that speaks protocol %d", wire.Version)
	d.checkExchange(ctx, conn)
}

// mend is what to do about an address that leads nowhere: first, what may help there, and then
// where the address comes from, unless that is plain.
func (d *doctor) mend(first string) string {
	origin := d.env.Settings.Of("exchange").Origin
	hint := "is the address right?"
	switch {
	case origin == originDefault:
		hint = ""
	case origin != originFlag("exchange"):
		hint += " it is that of " + strings.TrimPrefix(string(origin), "file ")
	}
	if first == "" || hint == "" {
		return first + hint
	}
	return first + "; " + hint
}

// checkAddress finds out whether there is what the address names: a socket's file, or a host.
func (d *doctor) checkAddress(ctx context.Context, place Place) bool {
	const check = "address"
	if place.Path != "" {
		return d.checkSocket(check, place.Path)
	}
	if net.ParseIP(place.Host) != nil {
		d.ok(check, "%s, from %s", place, d.env.Settings.Of("exchange").Origin)
		return true
	}
	within, cancel := d.within(ctx)
	defer cancel()
	hosts, err := net.DefaultResolver.LookupHost(within, place.Host)
	if err != nil {
		d.fail(check, d.mend(""), "%s: %s", place.Host, lastWord(err))
		return false
	}
	d.ok(check, "%s is %s, from %s", place, strings.Join(hosts, ", "), d.env.Settings.Of("exchange").Origin)
	return true
}

func (d *doctor) checkSocket(check, path string) bool {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.fail(check, d.mend("netsvc exchange --listen unix:"+path+" makes it"), "%s is not there", path)
	case err != nil:
		d.fail(check, "", "%s: %v", path, reasonOf(err))
	case info.Mode()&fs.ModeSocket == 0:
		d.fail(check, d.mend(""), "%s is no socket", path)
	default:
		d.ok(check, "unix:%s, from %s", path, d.env.Settings.Of("exchange").Origin)
		return true
	}
	return false
}

// lastWord is what the system says, without how we came to ask it.
func lastWord(err error) string {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return noAnswer
	}
	text := err.Error()
	return strings.TrimSpace(text[strings.LastIndex(text, ": ")+1:])
}

// checkAbsence finds out why there is no connection, and who answers there if anybody does.
func (d *doctor) checkAbsence(ctx context.Context, place Place, reason error) {
	var version *wire.VersionError
	var refusal *wire.Failure
	hint, message := "", ""
	switch {
	case errors.As(reason, &version):
		hint, message = "run the same version of netsvc on both sides", strings.TrimPrefix(version.Error(), "wire: ")
	case errors.Is(reason, wire.ErrNotNetsvc):
		hint, message = d.mend("a gateway's port is not that of its exchange"), "what answers there is no exchange"
	case errors.As(reason, &refusal) && refusal.Code != wire.CodeUnreachable:
		message = "the exchange takes no connection: " + refusal.Error()
	case !d.listened(ctx, place):
		return
	default:
		d.fail("protocol", d.mend("is it an exchange, and neither stopped nor overloaded?"),
			"somebody listens there, but: %s", explain(reason).Message)
		return
	}
	d.ok("connection", "%s takes connections", place)
	d.fail("protocol", hint, "%s", message)
}

// listened finds out whether anybody listens at the address. Only for one that has not answered
// is it asked for: an exchange counts connections on which nothing is said.
func (d *doctor) listened(ctx context.Context, place Place) bool {
	within, cancel := d.within(ctx)
	defer cancel()
	network, address := "tcp", place.String()
	if place.Path != "" {
		network, address = "unix", place.Path
	}
	conn, err := new(net.Dialer).DialContext(within, network, address)
	if err == nil {
		conn.Close()
		d.ok("connection", "%s takes connections", place)
		return true
	}
	text := lastWord(err)
	first := ""
	switch {
	case text == noAnswer:
		first = "is there a firewall, or is the machine off?"
	case slices.Contains(nobodyThere, text):
		first = "netsvc exchange --listen " + place.String() + " starts one there"
	}
	d.fail("connection", d.mend(first), "%s: %s", place, text)
	return false
}

// since is a time that has passed, as people want to read it.
func since(begun time.Time) time.Duration { return time.Since(begun).Round(10 * time.Microsecond) }

// checkExchange asks the exchange how it is.
func (d *doctor) checkExchange(ctx context.Context, conn *service.Conn) {
	d.checkVersion(ctx, conn)
	d.checkRoundTrip(ctx, conn)
	limits, stats, sessions, ok := d.ask(ctx, conn)
	if !ok {
		return
	}
	d.checkLimits(limits, stats, sessions)
	d.checkSessions(limits, stats, sessions)
	d.checkReports(sessions)
	d.checkInstances(ctx, conn)
}

// checkVersion compares the software of both sides.
func (d *doctor) checkVersion(ctx context.Context, conn *service.Conn) {
	const check = "version"
	within, cancel := d.within(ctx)
	defer cancel()
	own := "netsvc " + Version()
	list, err := servicesOf(within, conn, exchangeName, "")
	switch {
	case err != nil:
		d.fail(check, "", "the exchange does not say: %v", err)
	case len(list) == 0 || len(list[0].Instances) == 0 || list[0].Instances[0].Version == "":
		d.ok(check, "this is %s, the exchange does not say what it is", own)
	case list[0].Instances[0].Version != own:
		d.warn(check, "update the older one", "the exchange is %s, this is %s", list[0].Instances[0].Version, own)
	default:
		d.ok(check, "both sides are %s", own)
	}
}

// Of round trips some are made, the shortest counts, and this is a long one.
const (
	roundTrips    = 5
	longRoundTrip = 250 * time.Millisecond
)

// checkRoundTrip measures how far away the exchange is.
func (d *doctor) checkRoundTrip(ctx context.Context, conn *service.Conn) {
	const check = "roundtrip"
	within, cancel := d.within(ctx)
	defer cancel()
	best := time.Duration(0)
	for i := range roundTrips {
		begun := time.Now()
		if _, err := service.Call[string](within, conn.Endpoint(exchangeName), "system.ping"); err != nil {
			d.fail(check, "the exchange, or the machine it runs on, may be overloaded", "no answer to ping: %v", err)
			return
		}
		if took := since(begun); i == 0 || took < best {
			best = took
		}
	}
	if best > longRoundTrip {
		d.warn(check, "the network, or an exchange that is overloaded", "%v is long", best)
		return
	}
	d.ok(check, "%v", best)
}

// ask asks the exchange for its limits, its counters and its sessions.
func (d *doctor) ask(ctx context.Context, conn *service.Conn) (exchange.Limits, exchange.Totals, []exchange.SessionInfo, bool) {
	within, cancel := d.within(ctx)
	defer cancel()
	e := conn.Endpoint(exchangeName)
	limits, err1 := service.Call[exchange.Limits](within, e, "limits")
	stats, err2 := service.Call[exchange.Totals](within, e, "stats")
	sessions, err3 := service.Call[[]exchange.SessionInfo](within, e, "sessions")
	if err := errors.Join(err1, err2, err3); err != nil {
		d.fail("limits", "", "the exchange does not tell them: %v", err)
		return limits, stats, sessions, false
	}
	return limits, stats, sessions, true
}
