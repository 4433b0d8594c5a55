package services_test

import (
	"context"
	"errors"
	"math"
	"math/big"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/examples/services"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

func TestEchoCarriesEveryKindOfValue(t *testing.T) {
	testnet.LeakCheck(t)
	echo := reach(t, services.Echo()).Endpoint("echo")
	big1 := new(big.Int).Lsh(big.NewInt(-1), 100)
	values := []any{
		nil, true, int64(math.MinInt64), int64(math.MaxInt64), big1, 3.0, -1e300, math.Inf(-1),
		value.Decimal{Mantissa: big.NewInt(-150), Exponent: -2}, "", "x\x00é\U0001f600\r\n", []byte{}, []byte{0, 255},
		time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.FixedZone("", 5*3600+1800)),
		value.LocalTime{Date: value.Date{Year: 2026, Month: 11, Day: 22}, Time: 1},
		value.Date{Year: 2026, Month: 11, Day: 22}, value.TimeOfDay(time.Hour), -90 * time.Minute,
		[]any{}, []any{int64(1), []any{nil}}, map[string]any{}, map[string]any{"": nil, "b": int64(1), "a": []any{"x"}},
		value.Opaque{Tag: 37, Data: []byte{0x42, 1, 2}},
	}
	for _, want := range values {
		got, err := echo.Call(t.Context(), "echo", want)
		if err != nil || !same(got, want) {
			t.Errorf("echo(%#v) = %#v, %v", want, got, err)
		}
	}
}

// same is DeepEqual, but for times of one moment and offset.
func same(got, want any) bool {
	a, isTime := got.(time.Time)
	b, wantTime := want.(time.Time)
	if !isTime || !wantTime {
		return reflect.DeepEqual(got, want)
	}
	_, near := a.Zone()
	_, far := b.Zone()
	return a.Equal(b) && near == far
}

// Bytes that Decode and Append would write otherwise come back as they were sent.
func TestEchoLeavesTheEncodingAlone(t *testing.T) {
	testnet.LeakCheck(t)
	echo := reach(t, services.Echo()).Endpoint("echo")
	for name, item := range map[string]string{
		"not a number, with a payload": "\xfb\x7f\xf8\x00\x00\x00\x00\x00\x01",
		"zero below zero":              "\xfb\x80\x00\x00\x00\x00\x00\x00\x00",
		"a float of 16 bits":           "\xf9\x3c\x00",
		"members in another order":     "\xa2\x61b\x01\x61a\x02",
		"a list of unknown length":     "\x9f\x01\xff",
		"a tag around another":         "\xd8\x25\xd8\x26\x01",
	} {
		response, err := echo.CallRaw(t.Context(), "echo", []byte("\x81"+item), nil)
		if err != nil || string(response.Value) != item {
			t.Errorf("echo of %s (%x) = %+v, %v", name, item, response, err)
		}
	}
}

func TestWhoamiTellsInstancesApart(t *testing.T) {
	testnet.LeakCheck(t)
	one, two := services.Echo(), services.Echo()
	conn := reach(t, one, two)
	if one.Address() == two.Address() {
		t.Fatalf("both are %v", one.Address())
	}
	for _, s := range []*service.Service{one, two} {
		got, err := conn.At(s.Address()).Call(t.Context(), "whoami")
		if want := s.Address().String(); err != nil || got != want {
			t.Errorf("whoami = %v, %v; want %v", got, err, want)
		}
	}
}

func TestCallerIsKnown(t *testing.T) {
	testnet.LeakCheck(t)
	middle := service.New("middle", nil)
	middle.Export("ask", func(ctx context.Context) (any, error) {
		c, _ := service.CallerFrom(ctx)
		return c.Conn.Endpoint("echo").Call(ctx, "caller")
	}, nil)
	ex := open(t)
	between, conn := connect(t, ex, services.Echo(), middle), connect(t, ex)

	headers := map[string]any{"trace": "4f2", "hop": int64(1)}
	got, err := conn.Endpoint("echo").With(service.CallOptions{Headers: headers}).Call(t.Context(), "caller")
	want := map[string]any{"address": conn.Address().String(), "depth": int64(0), "method": "caller", "headers": headers}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("caller = %v, %v; want %v", got, err, want)
	}

	got, err = conn.Endpoint("middle").Call(t.Context(), "ask")
	want = map[string]any{"address": between.Address().String(), "depth": int64(1), "method": "caller", "headers": map[string]any{}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("caller by way of another = %v, %v; want %v", got, err, want)
	}
}

func TestPanicLeavesTheServiceAlive(t *testing.T) {
	testnet.LeakCheck(t)
	echo := reach(t, services.Echo()).Endpoint("echo")
	if got, err := echo.Call(t.Context(), "panic"); !errors.Is(err, service.ErrApplication) {
		t.Errorf("panic = %v, %v; want application", got, err)
	}
	if got, err := echo.Call(t.Context(), "upper", "a"); err != nil || got != "A" {
		t.Errorf("upper after a panic = %v, %v", got, err)
	}
}

func TestGroupsAreJoinedAndLeftByCalls(t *testing.T) {
	testnet.LeakCheck(t)
	s := services.Echo()
	conn := reach(t, s)
	steps := []struct {
		method, group string
		want          []string
	}{
		{"join", "lab", []string{"lab", "web-services"}},
		{"join", "lab", []string{"lab", "web-services"}},
		{"leave", "web-services", []string{"lab"}},
		{"leave", "lab", nil},
		{"leave", "lab", nil},
	}
	for _, step := range steps {
		if _, err := conn.Endpoint("echo").Call(t.Context(), step.method, step.group); err != nil {
			t.Fatalf("%s(%s): %v", step.method, step.group, err)
		}
		testnet.WaitFor(t, "the exchange to know of "+step.method+" "+step.group, func() bool {
			d, err := conn.Describe(t.Context(), "echo")
			return err == nil && reflect.DeepEqual(append([]string(nil), d.Infos[0].Groups...), step.want)
		})
	}
}

func TestSleepTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		echo := reach(t, services.Echo()).Endpoint("echo")
		for _, seconds := range []float64{0, 0.25, 20} {
			began := time.Now()
			got, err := echo.Call(t.Context(), "sleep", seconds)
			if took := time.Since(began).Seconds(); err != nil || got != seconds || took != seconds {
				t.Errorf("sleep(%v) = %v, %v after %v s", seconds, got, err, took)
			}
		}
	})
}

func TestSleepEndsWhenCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := services.Echo()
		ex := open(t)
		serving := connect(t, ex, s)
		echo := connect(t, ex).Endpoint("echo")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		if got, err := echo.Call(ctx, "sleep", 20); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("sleep = %v, %v; want the deadline", got, err)
		}
		// Withdraw waits for calls in flight: it returns when the handler has.
		if err := serving.Withdraw(t.Context(), s); err != nil {
			t.Errorf("withdraw: %v", err)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("the handler ended after %v, want soon after 3s", took)
		}
	})
}

func TestSleepRefusesWhatNobodyCanWaitFor(t *testing.T) {
	testnet.LeakCheck(t)
	echo := reach(t, services.Echo()).Endpoint("echo")
	for _, seconds := range []float64{math.NaN(), math.Inf(1), -1, 3600.001, 1e300} {
		if got, err := echo.Call(t.Context(), "sleep", seconds); !errors.Is(err, service.ErrApplication) {
			t.Errorf("sleep(%v) = %v, %v; want application", seconds, got, err)
		}
	}
}
