package link_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestFramesArriveWholeAndInOrder(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		var want []string
		for i := range 1000 {
			want = append(want, strings.Repeat(fmt.Sprint(i, " "), i%50))
		}
		r := &recorder{}
		ended := start(t, link.New(near, link.Options{}), r)
		send(t, far, session(want...))
		halfCloseWhenRead(t, far, r, len(want))
		if err := end(t, ended); err != io.EOF {
			t.Errorf("Run = %v, want io.EOF", err)
		}
		if !slices.Equal(r.got(), want) {
			t.Errorf("got %d frames, want the %d sent", len(r.got()), len(want))
		}
		if r.batches == 0 || r.open {
			t.Errorf("%d batches, the last one open: %v", r.batches, r.open)
		}
	})
}

// halfCloseWhenRead ends what far sends when n frames have come.
func halfCloseWhenRead(t *testing.T, far net.Conn, r *recorder, n int) {
	t.Helper()
	testnet.WaitFor(t, fmt.Sprintf("%d frames", n), func() bool { return len(r.got()) >= n })
	halfClose(t, far)
}

func TestFramesMayBeCutAtEveryByte(t *testing.T) {
	all := session("one", "", "three")
	for cut := range len(all) + 1 {
		synctest.Test(t, func(t *testing.T) {
			near, far := memoryPair(t)
			r := &recorder{}
			ended := start(t, link.New(near, link.Options{}), r)
			far.Write(all[:cut])
			synctest.Wait()
			far.Write(all[cut:])
			far.Close()
			if err := <-ended; err != io.EOF {
				t.Errorf("cut at %d: Run = %v, want io.EOF", cut, err)
			}
			if want := []string{"one", "", "three"}; !slices.Equal(r.got(), want) {
				t.Errorf("cut at %d: got %q, want %q", cut, r.got(), want)
			}
		})
	}
}

func TestFramesMayComeByteByByte(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		r := &recorder{}
		ended := start(t, link.New(near, link.Options{}), r)
		for _, b := range session("one", "", "three") {
			far.Write([]byte{b})
		}
		halfClose(t, far)
		if err := end(t, ended); err != io.EOF {
			t.Errorf("Run = %v, want io.EOF", err)
		}
		if want := []string{"one", "", "three"}; !slices.Equal(r.got(), want) {
			t.Errorf("got %q, want %q", r.got(), want)
		}
	})
}

func TestFramesAroundAndFarAboveTheReadBuffer(t *testing.T) {
	const buffer = 64 << 10
	var want []string
	for i, whole := range []int{24, buffer - 1, buffer, buffer + 1, 100, 100 << 10, 2 * buffer, 1 << 20, 4 << 20, 25, buffer, 3 << 20} {
		want = append(want, strings.Repeat(string(rune('a'+i)), whole-wire.HeaderSize))
	}
	overEach(t, func(t *testing.T, near, far net.Conn) {
		r := &recorder{}
		ended := start(t, link.New(near, link.Options{MaxFrame: 4 << 20}), r)
		send(t, far, session(want...))
		halfCloseWhenRead(t, far, r, len(want))
		if err := end(t, ended); err != io.EOF {
			t.Errorf("Run = %v, want io.EOF", err)
		}
		for i, body := range r.got() {
			if body != want[i] {
				t.Errorf("frame %d of %d bytes: not what was sent (%d bytes)", i, len(want[i]), len(body))
			}
		}
	})
}

func TestLimitChangesFromTheNextFrameOn(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		l := link.New(near, link.Options{}) // 4 KiB at first
		r := &recorder{}
		r.on = func(_ *wire.Header, body []byte) error {
			if string(body) == "more" {
				l.SetMaxFrame(10_000)
			}
			return nil
		}
		ended := start(t, l, r)
		big := strings.Repeat("x", 9000)
		send(t, far, session("more", big, big+strings.Repeat("y", 1000)))
		err := end(t, ended)
		var limit *wire.FrameLimitError
		if !errors.As(err, &limit) || limit.Size != 10_024 || limit.Limit != 10_000 {
			t.Errorf("Run = %v, want 10024 bytes over the limit of 10000", err)
		}
		if want := []string{"more", big}; !slices.Equal(r.got(), want) {
			t.Errorf("got %d frames, want the 2 in front of the large one", len(r.got()))
		}
	})
}

func TestFault_15_LengthIsRefusedBeforeItsBytesCome(t *testing.T) {
	tests := []struct {
		name   string
		length uint32
		want   error
	}{
		{"4 GiB", 1<<32 - 1, &wire.FrameLimitError{Size: 1<<32 + 3, Limit: 4 << 10}},
		{"shorter than a header", 19, wire.ErrShortLength},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			overEach(t, func(t *testing.T, near, far net.Conn) {
				r := &recorder{}
				ended := start(t, link.New(near, link.Options{}), r)
				send(t, far, binary.LittleEndian.AppendUint32(session("first"), tt.length))
				if err := end(t, ended); err.Error() != tt.want.Error() {
					t.Errorf("Run = %v, want %v", err, tt.want)
				}
				if want := []string{"first"}; !slices.Equal(r.got(), want) {
					t.Errorf("got %q, want %q", r.got(), want)
				}
			})
		})
	}
}

func TestFault_16_TruncatedFrameExecutesNothing(t *testing.T) {
	whole := session("first", "second")
	tests := []struct {
		name  string
		bytes []byte
		want  error
		got   []string
	}{
		{"nothing at all", nil, io.EOF, nil},
		{"half a preface", whole[:4], link.ErrTruncated, nil},
		{"the preface", whole[:8], io.EOF, nil},
		{"half a length", whole[:10], link.ErrTruncated, nil},
		{"half a header", whole[:20], link.ErrTruncated, nil},
		{"a header", whole[:8+24], link.ErrTruncated, nil},
		{"a frame and half of one", whole[:len(whole)-1], link.ErrTruncated, []string{"first"}},
		{"both frames", whole, io.EOF, []string{"first", "second"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			overEach(t, func(t *testing.T, near, far net.Conn) {
				r := &recorder{}
				ended := start(t, link.New(near, link.Options{}), r)
				far.Write(tt.bytes)
				far.Close()
				if err := end(t, ended); !errors.Is(err, tt.want) {
					t.Errorf("Run = %v, want %v", err, tt.want)
				}
				if !slices.Equal(r.got(), tt.got) {
					t.Errorf("got %q, want %q", r.got(), tt.got)
				}
			})
		})
	}
}

func TestFault_18_StrangersAreToldApartAtOnce(t *testing.T) {
	tests := []struct{ name, opening, guess string }{
		{"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP"},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "TLS"},
		{"SSH", "SSH-2.0-OpenSSH_9.6\r\n", "SSH"},
		{"Redis", "*1\r\n$4\r\nPING\r\n", "Redis"},
		{"NATS", "CONNECT {\"verbose\":false}\r\n", "NATS"},
		{"random", "\x7f\x00\xff\x13\x37", "unknown"},
		{"random behind a good start", "\x89NSX", "unknown"},
		{"one byte", "\xff", "unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			overEach(t, func(t *testing.T, near, far net.Conn) {
				r := &recorder{}
				ended := start(t, link.New(near, link.Options{}), r)
				far.Write([]byte(tt.opening)) // and stays open
				err := end(t, ended)
				var stranger *link.StrangerError
				if !errors.As(err, &stranger) || stranger.Guess != tt.guess {
					t.Errorf("Run = %v, want a stranger that looks like %s", err, tt.guess)
				}
				if !errors.Is(err, wire.ErrNotNetsvc) {
					t.Errorf("Run = %v, want it to be wire.ErrNotNetsvc", err)
				}
				if len(r.got()) != 0 {
					t.Errorf("the stranger's %q were handed on", r.got())
				}
			})
		})
	}
}

func TestFault_62_AnotherVersionIsNamed(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		ended := start(t, link.New(near, link.Options{}), &recorder{})
		preface := wire.AppendPreface(nil)
		preface[wire.PrefaceSize-1] = 9
		far.Write(preface)
		var version *wire.VersionError
		if err := end(t, ended); !errors.As(err, &version) || version.Peer != 9 {
			t.Errorf("Run = %v, want version 9", err)
		}
	})
}

func TestErrorOfTheHandlerEndsTheLink(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		refused := errors.New("refused")
		r := &recorder{on: func(_ *wire.Header, body []byte) error {
			if string(body) == "bad" {
				return refused
			}
			return nil
		}}
		ended := start(t, link.New(near, link.Options{}), r)
		send(t, far, session("good", "bad", "never"))
		if err := end(t, ended); !errors.Is(err, refused) {
			t.Errorf("Run = %v, want %v", err, refused)
		}
		if want := []string{"good", "bad"}; !slices.Equal(r.got(), want) {
			t.Errorf("got %q, want %q", r.got(), want)
		}
		if r.open {
			t.Error("the last batch was not ended")
		}
	})
}
