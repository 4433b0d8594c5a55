package service_test

import (
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
)

func TestSetLimitRefusesWhatIsNoLimit(t *testing.T) {
	s := service.New("math", nil)
	for _, n := range []int{0, -1} {
		if s.SetLimit(n) == nil {
			t.Errorf("SetLimit(%d) = nil, want an error", n)
		}
	}
	if err := s.SetLimit(1); err != nil {
		t.Errorf("SetLimit(1) = %v", err)
	}
}

func TestSetLimitTellsWhatIsWrongWithTheService(t *testing.T) {
	if service.New("not a name", nil).SetLimit(1) == nil {
		t.Error("SetLimit of a service with a wrong name = nil, want an error")
	}
}
