package service_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/service"
)

// TestDeclaredSubjects are in the registry and the service's own description, sorted, each once,
// and stay as they were when the service was made.
func TestDeclaredSubjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		subjects := []string{"tick", "system.log", "temp.*", "tick"}
		svc := service.New("clock", &service.ServiceOptions{Subjects: subjects})
		subjects[0] = "the caller's"
		_, conn := pairUp(t, svc, service.New("silent", nil))
		want := []string{"system.log", "temp.*", "tick"}
		described, err := conn.Describe(t.Context(), "clock")
		if err != nil || len(described.Infos) != 1 || !slices.Equal(described.Infos[0].Subjects, want) {
			t.Errorf("the registry has %+v, %v, want subjects %v", described, err, want)
		}
		for name, want := range map[string]string{"clock": fmt.Sprint(want), "silent": "[]"} {
			says, err := service.Call[map[string]any](t.Context(), conn.Endpoint(name), "system.describe")
			if got := fmt.Sprint(says["subjects"]); err != nil || got != want {
				t.Errorf("%s describes itself with subjects %s, %v, want %s", name, got, err, want)
			}
		}
	})
}

func TestDeclaredSubjectsThatAreNone(t *testing.T) {
	for _, subject := range []string{"", "a b", "_own", "*********"} {
		synctest.Test(t, func(t *testing.T) {
			host, _ := pairUp(t)
			svc := service.New("clock", &service.ServiceOptions{Subjects: []string{"tick", subject}})
			err := host.Announce(t.Context(), svc)
			if !errors.Is(err, service.ErrBadParams) {
				t.Errorf("subject %q: Announce = %v, want bad_params", subject, err)
			}
			if again := svc.Join("group"); !errors.Is(again, err) {
				t.Errorf("subject %q: Join = %v, want the first error", subject, again)
			}
		})
	}
}
