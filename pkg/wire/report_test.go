package wire_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestPublishIsReadAsItWasWritten(t *testing.T) {
	want := wire.Publish{Lifetime: -1, AgeMS: 1 << 31, To: 7}
	for _, subject := range []string{"t", "tick", strings.Repeat("s", wire.MaxSubject)} {
		body, ok := wire.AppendPublish(nil, &want, subject)
		if !ok {
			t.Fatalf("subject of %d bytes was refused", len(subject))
		}
		got, err := wire.ParsePublish(append(body, 0x0c))
		if err != nil {
			t.Fatal(err)
		}
		if got.Lifetime != want.Lifetime || got.AgeMS != want.AgeMS || got.To != want.To || string(got.Subject) != subject || !bytes.Equal(got.Value, []byte{0x0c}) {
			t.Errorf("got %+v, want %+v of %q", got, want, subject)
		}
	}
}

func TestSubjectsThatDoNotTravel(t *testing.T) {
	for _, subject := range []string{"", strings.Repeat("s", wire.MaxSubject+1)} {
		if body, ok := wire.AppendPublish([]byte{1}, new(wire.Publish), subject); ok || len(body) != 1 {
			t.Errorf("subject of %d bytes was taken", len(subject))
		}
	}
}

func TestReportIsMadeOfAPublish(t *testing.T) {
	body := reportFrame()[wire.HeaderSize:]
	got, err := wire.ParseReport(body)
	if err != nil {
		t.Fatal(err)
	}
	if got.Time != 1767225600000 || string(got.Name) != "clock" || string(got.Subject) != "tick" || !bytes.Equal(got.Value, []byte{12}) {
		t.Errorf("got %+v", got)
	}
}

func TestCutReportsAreRefused(t *testing.T) {
	publish := publishFrame(new(wire.Publish), "tick", []byte{12})[wire.HeaderSize:]
	report := reportFrame()[wire.HeaderSize:]
	for n := range publish {
		if _, err := wire.ParsePublish(publish[:n]); !errors.Is(err, wire.ErrBadReport) {
			t.Errorf("the first %d bytes of a Publish: %v", n, err)
		}
	}
	for n := range report {
		if _, err := wire.ParseReport(report[:n]); !errors.Is(err, wire.ErrBadReport) {
			t.Errorf("the first %d bytes of a Report: %v", n, err)
		}
	}
}

func TestGapsAreReadAsTheyWereWritten(t *testing.T) {
	for _, want := range []uint64{0, 1, 1 << 40, wire.UnknownGap} {
		frame := wire.AppendGap(nil, 2, want)
		if got, err := wire.ParseGap(frame[wire.HeaderSize:]); err != nil || got != want {
			t.Errorf("gap of %d reads as %d, %v", want, got, err)
		}
	}
	if _, err := wire.ParseGap([]byte{1}); !errors.Is(err, wire.ErrBadReport) {
		t.Errorf("a gap of one byte: %v", err)
	}
}

func TestPolicyWords(t *testing.T) {
	for _, word := range []string{"drop-oldest", "latest", "disconnect"} {
		if p, ok := wire.ParsePolicy(word); !ok || p.String() != word || !p.Known() {
			t.Errorf("policy %q reads as %v, %v", word, p, ok)
		}
	}
	if _, ok := wire.ParsePolicy("newest"); ok || wire.Policy(9).Known() {
		t.Error("a policy that is none was taken")
	}
}

func FuzzParseReport(f *testing.F) {
	f.Add(publishFrame(new(wire.Publish), "tick", []byte{12})[wire.HeaderSize:])
	f.Add(reportFrame()[wire.HeaderSize:])
	f.Fuzz(func(t *testing.T, body []byte) {
		if p, err := wire.ParsePublish(body); err == nil {
			again, ok := wire.AppendPublish(nil, &p, string(p.Subject))
			if !ok || !bytes.Equal(append(again, p.Value...), body) {
				t.Errorf("%x became %x", body, again)
			}
		}
		if r, err := wire.ParseReport(body); err == nil {
			again := wire.AppendReportHead(nil, r.Time, string(r.Name))
			if !bytes.Equal(again, body[:len(again)]) || len(again)+2+len(r.Subject)+len(r.Value) != len(body) {
				t.Errorf("%x became %x", body, again)
			}
		}
	})
}
