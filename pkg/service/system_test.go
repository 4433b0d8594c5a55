package service_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// newMath is a service as the page of semantics tells of it.
func newMath() *service.Service {
	svc := service.New("math", &service.ServiceOptions{Groups: []string{"web"}, Version: "1", Description: "Sums."})
	svc.Export("multiply", func(x, y int64) int64 { return x * y }, &service.MethodOptions{
		Doc: "Product of two integers.", Params: []string{"x", "y"}, ParamDocs: []string{"one"}, ReadOnly: true, Secret: []string{"y"},
	})
	svc.Export("reset", func(ctx context.Context) error { return nil }, &service.MethodOptions{Deprecated: true})
	return svc
}

func TestSystemMethods(t *testing.T) {
	tests := []struct {
		method string
		args   []any
		want   string
	}{
		{"system.ping", nil, "pong"},
		{"system.listMethods", nil, "[multiply reset system.describe system.listMethods system.methodHelp system.methodSignature system.ping system.stats]"},
		{"system.methodSignature", []any{"multiply"}, "[[int int int]]"},
		{"system.methodSignature", []any{"reset"}, "[[nil]]"},
		{"system.methodSignature", []any{"system.ping"}, "[[text]]"},
		{"system.methodHelp", []any{"multiply"}, "Product of two integers."},
		{"system.methodHelp", []any{"reset"}, ""},
		{"system.stats", nil, "map[calls:1 failures:map[bad_params:1] inflight:0 limit:256 queue:1024 waiting:0]"},
	}
	serving(t, newMath(), func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		p.deliver(delivery{id: 1, instance: handle, method: "multiply", args: []any{1}})
		wantFailure(t, p.answerTo(1).failure, wire.CodeBadParams, wire.No)
		for i, tt := range tests {
			id := uint64(i+1)<<32 | 1
			p.deliver(delivery{id: id, instance: handle, method: tt.method, args: tt.args})
			a := p.answerTo(id)
			if a.failure != nil {
				t.Errorf("%s%v failed: %v", tt.method, tt.args, a.failure)
				continue
			}
			if got := fmt.Sprint(a.value); got != tt.want {
				t.Errorf("%s%v:\ngot  %s\nwant %s", tt.method, tt.args, got, tt.want)
			}
		}
	})
}

func TestSystemMethodsRefuse(t *testing.T) {
	tests := []struct {
		method string
		args   []any
		code   wire.Code
		d      wire.Delivered
	}{
		{"system.nothing", nil, wire.CodeNoMethod, wire.No},
		{"system.ping", []any{1}, wire.CodeBadParams, wire.No},
		{"system.methodHelp", []any{1}, wire.CodeBadParams, wire.No},
	}
	serving(t, newMath(), func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		for i, tt := range tests {
			p.deliver(delivery{id: uint64(i), instance: handle, method: tt.method, args: tt.args})
			wantFailure(t, p.answerTo(uint64(i)).failure, tt.code, tt.d)
		}
	})
}

func TestSystemDescribe(t *testing.T) {
	serving(t, newMath(), func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		p.deliver(delivery{id: 1, instance: handle, method: "system.describe"})
		d, _ := p.answerTo(1).value.(map[string]any)
		for field, want := range map[string]string{
			"name": "math", "address": "math@3", "version": "1", "description": "Sums.", "groups": "[web]", "hidden": "false",
		} {
			if got := fmt.Sprint(d[field]); got != want {
				t.Errorf("%s is %s, want %s", field, got, want)
			}
		}
		methods, _ := d["methods"].([]any)
		if len(methods) != 2 {
			t.Fatalf("methods are %v, want two", methods)
		}
		m, _ := methods[0].(map[string]any)
		want := "[map[doc:one name:x schema:map[type:integer] secret:false type:int] map[doc: name:y schema:map[type:integer] secret:true type:int]]"
		if fmt.Sprint(m["params"]) != want || m["readonly"] != true || m["doc"] != "Product of two integers." {
			t.Errorf("multiply is %v", m)
		}
	})
}

// TestHungServiceStillAnswersTheSystem: beside its limit.
func TestHungServiceStillAnswersTheSystem(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc, g := bubbleGate(&service.ServiceOptions{Serial: true, Queue: 1})
		handle := announce(t, conn, p, svc, 3)
		for i := range 3 {
			p.deliver(delivery{id: uint64(i), instance: handle, method: "block", args: []any{"a"}})
		}
		wantFailure(t, p.answerTo(2).failure, wire.CodeBusy, wire.No)
		for i := range 5 {
			p.deliver(delivery{id: uint64(10 + i), instance: handle, method: "system.ping"})
			if a := p.answerTo(uint64(10 + i)); a.value != "pong" {
				t.Errorf("ping got %v, %v", a.value, a.failure)
			}
		}
		close(g.release)
		p.answerTo(0)
		p.answerTo(1)
		synctest.Wait()
		p.quiet()
	})
}
