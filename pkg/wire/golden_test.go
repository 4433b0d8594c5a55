package wire_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/netsvc/netsvc/pkg/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const goldenFrames = "testdata/frames.txt"

// golden is one frame of each kind that version 1 speaks. message is nil where the body is
// none.
var golden = []struct {
	name    string
	kind    wire.Kind
	id      uint64
	target  uint32
	message wire.Message
}{
	{"Hello", wire.KindHello, 0, 0, &wire.Hello{
		Key:     [wire.KeySize]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
		Process: wire.Process{PID: 4711, Host: "moon", User: "ada", Program: "calc", Started: 1767225600000},
		Library: "netsvc-go 0.1.0", BeatMS: 2000,
	}},
	{"Hello with nothing but a key", wire.KindHello, 0, 0, &wire.Hello{Key: [wire.KeySize]byte{1}}},
	{"Welcome", wire.KindWelcome, 0, 0, &wire.Welcome{
		Session: 7, Origin: 0x1122334455667788,
		Limits: wire.Limits{
			MaxFrame: 4 << 20, Outbox: 8 << 20, Pending: 65536, Instances: 1024, Handles: 16384,
			Watches: 1024, Subscriptions: 10000, Groups: 64, Methods: 1024, DeadlineMS: 3600000,
		},
		BeatMS: 2000, SuspectMS: 4500, DeadMS: 14500, Software: "netsvc 0.1.0",
	}},
	{"Bye of a process", wire.KindBye, 0, 0, &wire.Bye{}},
	{"Bye of an exchange", wire.KindBye, 0, 0, &wire.Bye{
		Code: wire.CodeDenied, Reason: wire.ReasonReplaced, Text: "die Tür ist zu", Final: true,
	}},
	{"Beat", wire.KindBeat, 0, 0, nil},
	{"Announce", wire.KindAnnounce, 1, 0, &wire.Announce{
		Handle: 3, Name: "math", Groups: []string{"web-services", "demo"}, Hidden: true,
		Version: "1.2", Description: "sums", Labels: map[string]string{"zone": "b", "area": "a"},
		Limit: 1, Queue: 2, QueueBytes: 3, Methods: []byte{0x80},
	}},
	{"Announced", wire.KindAnnounced, 1, 0, &wire.Announced{Number: 9, Hash: [wire.HashSize]byte{15: 1}, Rev: 1 << 40}},
	{"Update of all", wire.KindUpdate, 2, 0, &wire.Update{
		Handle: 3, Join: []string{"a"}, Leave: []string{"b"}, Hidden: new(bool), Version: new(string),
		Description: new(string), Labels: &map[string]string{}, Methods: &[]byte{},
	}},
	{"Update of nothing", wire.KindUpdate, 2, 0, &wire.Update{Handle: 3}},
	{"Withdraw", wire.KindWithdraw, 3, 0, &wire.Withdraw{Handle: 3, Reason: wire.ReasonDrained}},
	{"Bind to a name", wire.KindBind, 0, 0, &wire.Bind{Handle: 0, Target: "math"}},
	{"Bind to an address", wire.KindBind, 0, 0, &wire.Bind{Handle: 1, Target: "math@3", Origin: 1<<64 - 1}},
	{"Unbind", wire.KindUnbind, 0, 0, &wire.Unbind{Handle: 1}},
	{"Watch of all", wire.KindWatch, 4, 0, &wire.Watch{ID: 1}},
	{"Watch of a group", wire.KindWatch, 4, 0, &wire.Watch{ID: 2, Scope: wire.ScopeGroup, Pattern: "web-services", Origin: 5}},
	{"Unwatch", wire.KindUnwatch, 5, 0, &wire.Unwatch{ID: 2}},
	{"Events", wire.KindEvents, 0, 2, &wire.Events{Events: eventsOf(
		&wire.Event{Rev: 1, Kind: wire.Available, Info: &goldenInfo, Time: 1767225600001},
		&wire.Event{Rev: 2, Kind: wire.Joined, Info: &wire.Info{Number: 9}, Group: "demo"},
		&wire.Event{Rev: 3, Kind: wire.Withdrawn, Info: &wire.Info{Number: 9}, Reason: wire.ReasonLost},
		&wire.Event{Rev: 3, Kind: wire.Synced},
	)}},
	{"Describe a target", wire.KindDescribe, 6, 0, &wire.Describe{Target: "math", Origin: 1}},
	{"Describe a hash", wire.KindDescribe, 6, 0, &wire.Describe{Hash: [wire.HashSize]byte{1}}},
	{"Described", wire.KindDescribed, 6, 0, &wire.Described{
		Infos: []wire.Info{goldenInfo}, Total: 1, Hash: [wire.HashSize]byte{1}, Methods: []byte{0x80},
	}},
	{"Subscribe to a name", wire.KindSubscribe, 7, 0, &wire.Subscribe{ID: 1, Scope: wire.ScopeGlob, Target: "clock"}},
	{"Subscribe to an address", wire.KindSubscribe, 7, 0, &wire.Subscribe{
		ID: 2, Scope: wire.ScopeAddress, Target: "clock@9", Origin: 5, Patterns: []string{"tick", "t*"}, Policy: wire.PolicyLatest, Queue: 100,
	}},
	{"Unsubscribe", wire.KindUnsubscribe, 8, 0, &wire.Unsubscribe{ID: 2, Patterns: []string{"tick"}}},
	{"Watch of subscribers", wire.KindWatch, 4, 0, &wire.Watch{ID: 3, Scope: wire.ScopeSubscribers, Pattern: "clock@9"}},
	{"Events of subscribers", wire.KindEvents, 0, 3, &wire.Events{Events: eventsOf(
		&wire.Event{Rev: 1, Kind: wire.Subscribed, Info: &wire.Info{Number: 7}, Subscription: 2, Patterns: []string{"tick"}},
		&wire.Event{Rev: 2, Kind: wire.Unsubscribed, Info: &wire.Info{Number: 7}, Subscription: 2, Reason: wire.ReasonLost},
	)}},
	{"Expire", wire.KindExpire, 9, 0, &wire.Expire{Handle: 3, Pattern: "t*", AgeMS: 500}},
	{"Notice", wire.KindNotice, 2, 0, &wire.Notice{Kind: wire.NoticeSynced}},
	{"Cancel", wire.KindCancel, wire.CallID(5, 2), 0, nil},
	{"Done", wire.KindDone, 3, 0, nil},
	{"Drain", wire.KindDrain, 0, 0, nil},
}

var goldenInfo = wire.Info{
	Number: 9, Name: "math", State: wire.StateSuspect, Groups: []string{"demo"}, Hidden: true,
	Version: "1.2", Description: "sums", Labels: map[string]string{"zone": "b", "area": "a"},
	Hash: [wire.HashSize]byte{15: 1}, Since: 1767225600000, Session: 7,
	Process: wire.Process{PID: 4711, Program: "calc"},
}

// goldenCalls are frames whose bodies are no messages.
var goldenCalls = []struct {
	name  string
	frame []byte
}{
	{"Request", requestFrame("multiply", []byte{0xa0}, []byte{0x82, 3, 4})},
	{"Deliver", wire.AppendDeliver(nil, &callHeader, 3, requestBody("multiply", nil, []byte{0x82, 3, 4}))},
	{"Deliver to the session's own instance", wire.AppendDeliver(nil, &callHeader, wire.OwnInstance, requestBody("m", nil, nil))},
	{"Response", wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse, ID: callHeader.ID, Target: 9}, []byte{12})},
	{"Failure of a code only", wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure, ID: callHeader.ID}, wire.Failf(wire.CodeBusy, wire.No, ""))},
	{"Failure with all", wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure, ID: callHeader.ID, Target: 9}, &wire.Failure{
		Code: wire.CodeApplication, Number: -7, Description: "out of paper", Origin: "printer", Details: "tray 2", Delivered: wire.Yes,
	})},
	{"Result", wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResult, ID: callHeader.ID, Target: 9}, []byte{12})},
	{"Response that ends a stream", wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse, Flags: wire.FlagStream, ID: callHeader.ID, Target: 9}, []byte{0xf6})},
	{"Credit", wire.AppendCredit(nil, callHeader.ID, wire.FirstCredit)},
	{"Forward", forwardFrame("multiply", []byte{0x82, 3, 4})},
	{"Publish", publishFrame(&wire.Publish{Lifetime: wire.LifetimeOfPublisher, AgeMS: 5, To: 7}, "tick", []byte{12})},
	{"Report", reportFrame()},
	{"Gap", wire.AppendGap(nil, 2, 17)},
	{"Gap of unknown size", wire.AppendGap(nil, 2, wire.UnknownGap)},
	{"Beat that asks", wire.AppendFrame(nil, &wire.Header{Kind: wire.KindBeat, ID: 5}, nil)},
	{"Beat that answers", wire.AppendFrame(nil, &wire.Header{Kind: wire.KindBeat, Flags: wire.FlagAnswer, ID: 5}, nil)},
	{"Refused", wire.AppendFailure(nil, wire.Header{Kind: wire.KindRefused, ID: 1}, wire.Failf(wire.CodeBadParams, wire.Maybe, "64 groups at most"))},
}

var callHeader = wire.Header{Kind: wire.KindDeliver, Flags: wire.FlagOneWay, Depth: 1, Hops: 2, ID: wire.CallID(5, 2), Target: 7, TTL: 30000}

func requestFrame(method string, headers, args []byte) []byte {
	h := callHeader
	h.Kind = wire.KindRequest
	return wire.AppendFrame(nil, &h, requestBody(method, headers, args))
}

func requestBody(method string, headers, args []byte) []byte {
	body, ok := wire.AppendRequest(nil, method, headers)
	if !ok {
		panic("refused: " + method)
	}
	return append(body, args...)
}

func forwardFrame(method string, args []byte) []byte {
	h := wire.Header{Kind: wire.KindForward, Depth: 2, ID: callHeader.ID}
	return wire.AppendFrame(nil, &h, append([]byte{4, 0, 0, 0}, requestBody(method, nil, args)...))
}

func publishFrame(p *wire.Publish, subject string, value []byte) []byte {
	body, ok := wire.AppendPublish(nil, p, subject)
	if !ok {
		panic("refused: " + subject)
	}
	return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindPublish, Target: 3}, append(body, value...))
}

func reportFrame() []byte {
	p, err := wire.ParsePublish(publishFrame(new(wire.Publish), "tick", []byte{12})[wire.HeaderSize:])
	if err != nil {
		panic(err)
	}
	body := append(wire.AppendReportHead(nil, 1767225600000, "clock"), p.Tail...)
	return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindReport, Flags: wire.FlagRetained, ID: 2, Target: 9}, body)
}

func eventsOf(events ...*wire.Event) (all []cbor.RawMessage) {
	for _, e := range events {
		all = append(all, wire.EncodeEvent(e))
	}
	return all
}

func TestFramesAreAsInTheGoldenFile(t *testing.T) {
	var b strings.Builder
	for _, g := range golden {
		fmt.Fprintf(&b, "%s\n%s\n", g.name, hex.Dump(goldenFrame(g.kind, g.id, g.target, g.message)))
	}
	for _, g := range goldenCalls {
		fmt.Fprintf(&b, "%s\n%s\n", g.name, hex.Dump(g.frame))
	}
	if *update {
		if err := os.WriteFile(goldenFrames, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenFrames)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("frames changed; if that is meant, run with -update\ngot:\n%s", b.String())
	}
}

func goldenFrame(k wire.Kind, id uint64, target uint32, m wire.Message) []byte {
	if m == nil {
		return wire.AppendFrame(nil, &wire.Header{Kind: k, ID: id, Target: target}, nil)
	}
	return wire.AppendMessage(nil, id, target, m)
}

func TestEveryGoldenMessageIsReadAsItWasWritten(t *testing.T) {
	for _, g := range golden {
		if g.message == nil {
			continue
		}
		frame := goldenFrame(g.kind, g.id, g.target, g.message)
		h := wire.ParseHeader(frame)
		if h.Kind != g.kind || h.ID != g.id || h.Target != g.target || int(h.Length) != len(frame)-4 {
			t.Errorf("%s: header = %+v", g.name, h)
		}
		got, err := wire.ParseMessage(h.Kind, frame[wire.HeaderSize:])
		if err != nil {
			t.Errorf("%s: %v", g.name, err)
		} else if !reflect.DeepEqual(got, g.message) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", g.name, got, g.message)
		}
	}
}

func TestGoldenFilesHoldEveryKindThatIsSpoken(t *testing.T) {
	held := map[wire.Kind]bool{}
	for _, g := range golden {
		held[g.kind] = true
	}
	for _, g := range goldenCalls {
		held[wire.ParseHeader(g.frame).Kind] = true
	}
	for k := wire.Kind(1); k.Known(); k++ {
		if !held[k] {
			t.Errorf("%s is not in the golden file", k)
		}
	}
}
