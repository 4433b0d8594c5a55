package wire_test

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestMalformedMessages(t *testing.T) {
	tests := []struct {
		name string
		kind wire.Kind
		body string
	}{
		{"nothing", wire.KindBind, ""},
		{"null", wire.KindBind, "\xf6"},
		{"undefined", wire.KindBind, "\xf7"},
		{"a list", wire.KindBind, "\x82\x01\x02"},
		{"a number", wire.KindBind, "\x01"},
		{"a tagged map", wire.KindBind, "\xc1\xa0"},
		{"indefinite length", wire.KindBind, "\xbf\x01\x05\xff"},
		{"cut short", wire.KindBind, "\xa1\x01"},
		{"bytes behind the map", wire.KindBind, "\xa0\x00"},
		{"duplicate key", wire.KindBind, "\xa2\x01\x05\x01\x06"},
		{"duplicate unknown key", wire.KindBind, "\xa2\x18\x63\x05\x18\x63\x06"},
		{"text for a number", wire.KindBind, "\xa1\x01\x61\x35"},
		{"number for a text", wire.KindBind, "\xa1\x02\x05"},
		{"number over its range", wire.KindBind, "\xa1\x01\x1b\x00\x00\x00\x01\x00\x00\x00\x00"},
		{"negative number", wire.KindBind, "\xa1\x01\x20"},
		{"fraction for a number", wire.KindBind, "\xa1\x01\xf9\x3e\x00"},
		{"text is not UTF-8", wire.KindBind, "\xa1\x02\x61\xff"},
		{"tag inside", wire.KindBind, "\xa1\x18\x63\xc1\x05"},
		{"nine levels", wire.KindBind, "\xa1\x18\x63" + strings.Repeat("\x81", 8) + "\x01"},
		{"map pairs over the limit", wire.KindAnnounce, "\xb9\x04\x01" + strings.Repeat("\x01\x01", 1025)},
		{"a kind without a message", wire.KindBeat, "\xa0"},
		{"a kind of calls", wire.KindRequest, "\xa0"},
		{"an unknown kind", 200, "\xa0"},
		{"too large", wire.KindBind, strings.Repeat("\x00", wire.MaxControl)},
		{"too large even for signatures", wire.KindAnnounce, strings.Repeat("\x00", wire.MaxAnnounce)},
	}
	for _, tt := range tests {
		if m, err := wire.ParseMessage(tt.kind, []byte(tt.body)); !errors.Is(err, wire.ErrBadMessage) {
			t.Errorf("%s: ParseMessage = %+v, %v, want ErrBadMessage", tt.name, m, err)
		}
	}
	for _, body := range []string{"", "\xf6", "\x80", "\xa1\x01\x20"} {
		if e, err := wire.DecodeEvent([]byte(body)); !errors.Is(err, wire.ErrBadMessage) {
			t.Errorf("DecodeEvent(%x) = %+v, %v, want ErrBadMessage", body, e, err)
		}
	}
}

// An announced length must not be believed, and what many small parts grow to is bounded.
func TestMemoryOfAMessageIsBounded(t *testing.T) {
	const elements = 16384
	manyInfos := append([]byte{0xa1, 1, 0x99, elements >> 8, elements & 255}, bytes.Repeat([]byte{0xa0}, elements)...)
	manyTexts := append([]byte{0xa1, 3, 0x99, elements >> 8, elements & 255}, bytes.Repeat([]byte{0x60}, elements)...)
	manyEvents := append([]byte{0xa1, 1, 0x99, elements >> 8, elements & 255}, bytes.Repeat([]byte{0xa0}, elements)...)
	tests := []struct {
		name  string
		kind  wire.Kind
		body  []byte
		bytes uint64
	}{
		{"bytes of 4 GiB", wire.KindAnnounce, []byte("\xa1\x0b\x5a\xff\xff\xff\xff"), 16 << 10},
		{"bytes of 2^63", wire.KindAnnounce, []byte("\xa1\x0b\x5b\x7f\xff\xff\xff\xff\xff\xff\xff"), 16 << 10},
		{"text of 4 GiB", wire.KindAnnounce, []byte("\xa1\x02\x7a\xff\xff\xff\xff"), 16 << 10},
		{"list of 16,384 that are not there", wire.KindAnnounce, []byte("\xa1\x03\x99\x40\x00"), 16 << 10},
		{"list of 2^63", wire.KindAnnounce, []byte("\xa1\x03\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"), 16 << 10},
		{"map of 2^63", wire.KindAnnounce, []byte("\xbb\x7f\xff\xff\xff\xff\xff\xff\xff"), 16 << 10},
		{"events that are not there", wire.KindEvents, []byte("\xa1\x01\x99\x40\x00"), 16 << 10},
		{"many empty texts", wire.KindAnnounce, manyTexts, 1 << 20},
		{"many empty events", wire.KindEvents, manyEvents, 2 << 20},
		{"many empty infos", wire.KindDescribed, manyInfos, 8 << 20},
	}
	for _, tt := range tests {
		if got := allocated(func() { wire.ParseMessage(tt.kind, tt.body) }); got > tt.bytes {
			t.Errorf("%s: %d bytes allocated for %d, want at most %d", tt.name, got, len(tt.body), tt.bytes)
		}
	}
	body := []byte("\x28\x00\xa1\x02\x7a\xff\xff\xff\xff")
	if got := allocated(func() { wire.ParseFailure(0, body) }); got > 16<<10 {
		t.Errorf("failure text of 4 GiB: %d bytes allocated", got)
	}
}

// allocated is the number of bytes f takes from the heap, at least of three times.
func allocated(f func()) uint64 {
	least := ^uint64(0)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}
