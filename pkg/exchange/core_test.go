package exchange

import (
	"bufio"
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestCore_Transcripts runs the commands of testdata/core/*.txt against a core and compares
// the effects, one a line. Lines that begin with "> " are effects; -update writes them anew.
//
//	connect                      a session; its number is printed
//	end S REASON                 a session ends
//	announce S H NAME [k=v...]   groups=a,b subjects=a,b hidden limit=N queue=N
//	join|leave S H GROUP         hide|show S H        withdraw S H [drained]
//	bind S H TARGET [foreign]    unbind S H           describe S TARGET
//	watch S ID [glob|group|address|subscribers PATTERN]   unwatch S ID
//	subscribe S ID all|glob|group|address PATTERN [SUBJECT-PATTERNS]
//	unsubscribe S ID [SUBJECT-PATTERNS]               lapse S ID
//	suspect|heard S              drain
func TestCore_Transcripts(t *testing.T) {
	files, err := filepath.Glob("testdata/core/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { runTranscript(t, file) })
	}
}

func runTranscript(t *testing.T, file string) {
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := newCore(Limits{Groups: 3, Instances: 4, Watches: 3, Sessions: 4, Subscriptions: 3, Patterns: 2, AllPatterns: 4}.withDefaults(), 42)
	c.now = 1000
	var got bytes.Buffer
	in := bufio.NewScanner(bytes.NewReader(want))
	for in.Scan() {
		line := in.Text()
		if strings.HasPrefix(line, "> ") {
			continue
		}
		fmt.Fprintln(&got, line)
		if words := strings.Fields(line); len(words) > 0 && words[0] != "#" {
			for _, e := range perform(t, c, words) {
				fmt.Fprintln(&got, "> "+e)
			}
		}
	}
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got.String() != string(want) {
		t.Errorf("%s differs; got:\n%s", file, got.String())
	}
}

// perform runs one command of a transcript.
func perform(t *testing.T, c *core, w []string) []string {
	t.Helper()
	arg := func(i int) uint32 {
		if i >= len(w) {
			return 0
		}
		n, err := strconv.ParseUint(w[i], 10, 32)
		if err != nil {
			t.Fatalf("%q: %v", strings.Join(w, " "), err)
		}
		return uint32(n)
	}
	text := func(i int) string {
		if i >= len(w) {
			return ""
		}
		return w[i]
	}
	const id = 9
	switch w[0] {
	case "connect":
		hello := &wire.Hello{}
		copy(hello.Key[:], cmp.Or(text(1), strconv.Itoa(int(c.last))))
		n, f, effects := c.connect(hello, false)
		out := render(effects)
		if f != nil {
			return append(out, "refused: "+f.Error())
		}
		return append([]string{"session " + strconv.Itoa(int(n))}, out...)
	case "end":
		return render(c.end(arg(1), reasonNamed(t, text(2))))
	case "suspect", "heard":
		return render(c.suspect(arg(1), w[0] == "suspect"))
	case "drain":
		return render(c.drain())
	case "announce":
		return render(c.announce(arg(1), id, announcement(t, arg(2), w[3:]), &offered{hash: hash{1}}))
	case "join":
		return render(c.update(arg(1), id, &wire.Update{Handle: arg(2), Join: []string{text(3)}}, nil))
	case "leave":
		return render(c.update(arg(1), id, &wire.Update{Handle: arg(2), Leave: []string{text(3)}}, nil))
	case "hide", "show":
		return render(c.update(arg(1), id, &wire.Update{Handle: arg(2), Hidden: new(w[0] == "hide")}, nil))
	case "describe-anew":
		return render(c.update(arg(1), id, &wire.Update{Handle: arg(2), Description: new(text(3))}, &offered{hash: hash{2}}))
	case "withdraw":
		return render(c.withdraw(arg(1), id, &wire.Withdraw{Handle: arg(2), Reason: reasonNamed(t, text(3))}))
	case "bind":
		b := &wire.Bind{Handle: arg(2), Target: text(3)}
		if text(4) == "foreign" {
			b.Origin = 41
		}
		return render(c.bind(arg(1), b))
	case "unbind":
		return render(c.unbind(arg(1), &wire.Unbind{Handle: arg(2)}))
	case "describe":
		return render(c.describe(arg(1), id, &wire.Describe{Target: text(2)}))
	case "watch":
		return render(c.watch(arg(1), id, &wire.Watch{ID: arg(2), Scope: scopes[text(3)], Pattern: text(4)}))
	case "subscribe":
		s := &wire.Subscribe{ID: arg(2), Scope: scopes[text(3)], Patterns: w[min(5, len(w)):]}
		if s.Target = text(4); s.Target == "-" {
			s.Target = ""
		}
		return render(c.subscribe(arg(1), id, s))
	case "unsubscribe":
		return render(c.unsubscribe(arg(1), id, &wire.Unsubscribe{ID: arg(2), Patterns: w[3:]}))
	case "lapse":
		return render(c.lapse(subID{arg(1), arg(2)}))
	case "unwatch":
		return render(c.unwatch(arg(1), id, &wire.Unwatch{ID: arg(2)}))
	}
	t.Fatalf("unknown command %q", w[0])
	return nil
}

// scopes are the words of transcripts for them.
var scopes = map[string]wire.Scope{
	"": wire.ScopeAll, "all": wire.ScopeAll, "glob": wire.ScopeGlob, "group": wire.ScopeGroup,
	"address": wire.ScopeAddress, "subscribers": wire.ScopeSubscribers,
}

func reasonNamed(t *testing.T, name string) wire.Reason {
	for r := wire.ReasonNone; r <= wire.ReasonReplaced; r++ {
		if r.String() == name {
			return r
		}
	}
	t.Fatalf("unknown reason %q", name)
	return 0
}

func announcement(t *testing.T, handle uint32, w []string) *wire.Announce {
	name, err := strconv.Unquote(w[0])
	if err != nil {
		name = w[0]
	}
	a := &wire.Announce{Handle: handle, Name: name}
	for _, o := range w[1:] {
		k, v, _ := strings.Cut(o, "=")
		switch k {
		case "groups":
			a.Groups = strings.Split(v, ",")
		case "subjects":
			a.Subjects = strings.Split(v, ",")
		case "hidden":
			a.Hidden = true
		case "limit", "queue":
			n, err := strconv.Atoi(v)
			if err != nil {
				t.Fatal(err)
			}
			if k == "limit" {
				a.Limit = uint32(n)
			} else {
				a.Queue = uint32(n)
			}
		default:
			t.Fatalf("unknown option %q", o)
		}
	}
	return a
}

func render(effects []effect) []string {
	out := make([]string, len(effects))
	for i, e := range effects {
		out[i] = line(e)
	}
	return out
}

// line is one effect as a transcript shows it.
func line(e effect) string {
	switch e := e.(type) {
	case send:
		return fmt.Sprintf("send %d: %s", e.to, message(e.msg))
	case acknowledge:
		return fmt.Sprintf("done %d", e.to)
	case refuse:
		return strings.TrimSpace(fmt.Sprintf("refuse %d: %v %s", e.to, e.failure, e.failure.Details))
	case place:
		return fmt.Sprintf("place %s@%d of session %d, at most %d calls", e.name, e.number, e.session, e.limit)
	case unplace:
		if e.to != 0 {
			return fmt.Sprintf("unplace @%d, then done %d", e.number, e.to)
		}
		return fmt.Sprintf("unplace @%d", e.number)
	case route:
		return fmt.Sprintf("route %s to %v", keyText(e.key), e.numbers)
	case unroute:
		return fmt.Sprintf("unroute %s", keyText(e.key))
	case handle:
		return fmt.Sprintf("handle %d of session %d is %s", e.handle, e.session, keyText(e.key))
	case tell:
		return fmt.Sprintf("tell %v: %s", e.watches, eventText(e.event))
	case present:
		names := make([]string, len(e.infos))
		for i, info := range e.infos {
			names[i] = infoText(info)
		}
		for _, s := range e.subscribers {
			names = append(names, fmt.Sprintf("%d of %s%v", s.id, infoText(s.info), s.patterns))
		}
		return fmt.Sprintf("present {%d %d} at revision %d, reset %v: %s", e.watch.session, e.watch.id, e.rev, e.reset, strings.Join(names, " "))
	case forget:
		return fmt.Sprintf("forget {%d %d}", e.watch.session, e.watch.id)
	case subscribe:
		return fmt.Sprintf("make subscription %v %v", e.sub, e.patterns)
	case opened:
		return fmt.Sprintf("open %v", e.sub)
	case attachTo:
		return fmt.Sprintf("attach @%d to %v", e.number, e.sub)
	case detachFrom:
		return fmt.Sprintf("detach @%d from %v", e.number, e.sub)
	case narrow:
		return fmt.Sprintf("narrow %v to %v", e.sub, e.patterns)
	case cease:
		return fmt.Sprintf("cease %v, told %v", e.sub, e.told)
	case expel:
		return fmt.Sprintf("expel %d: %s", e.session, e.reason)
	}
	return fmt.Sprintf("unknown effect %T", e)
}

func message(m wire.Message) string {
	switch m := m.(type) {
	case *wire.Announced:
		return fmt.Sprintf("announced @%d", m.Number)
	case *wire.Described:
		names := make([]string, len(m.Infos))
		for i := range m.Infos {
			names[i] = infoText(&m.Infos[i])
		}
		slices.Sort(names)
		return fmt.Sprintf("described %d: %s", m.Total, strings.Join(names, " "))
	}
	return fmt.Sprintf("%T", m)
}

func keyText(k key) string {
	switch {
	case k.isZero():
		return "nothing"
	case k.foreign:
		return "an earlier address"
	case k.bad:
		return "no target"
	case k.number != 0:
		return fmt.Sprintf("%s@%d", k.name, k.number)
	}
	return k.name
}

func infoText(i *wire.Info) string {
	s := fmt.Sprintf("%s@%d%v", i.Name, i.Number, i.Groups)
	if i.Hidden {
		s += "hidden"
	}
	if i.State != wire.StateReady {
		s += i.State.String()
	}
	if len(i.Subjects) > 0 {
		s += fmt.Sprintf("publishes%v", i.Subjects)
	}
	return s
}

func eventText(e *wire.Event) string {
	s := strings.Join(strings.Fields(fmt.Sprintf("%d %s %s %s %s", e.Rev, e.Kind, infoText(e.Info), e.Group, e.Reason)), " ")
	if e.Subscription != 0 {
		s += fmt.Sprintf(", subscription %d %v", e.Subscription, e.Patterns)
	}
	return s
}
