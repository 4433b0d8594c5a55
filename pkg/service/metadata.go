package service

import (
	"maps"

	"github.com/netsvc/netsvc/pkg/wire"
)

// metadata is what a service says of itself beside its methods.
type metadata struct {
	version, description string
	labels               map[string]string // never changed, but replaced
}

// SetVersion changes the version that is shown, now and at each later announcement. Watchers
// are told by a Changed. The error changes nothing: the service is faulty, or the metadata are
// over 12 KiB in all, or not UTF-8.
func (s *Service) SetVersion(version string) error {
	return s.redescribe(func(m *metadata) *wire.Update {
		m.version = version
		return &wire.Update{Version: &version}
	})
}

// SetDescription changes the description, as SetVersion does the version.
func (s *Service) SetDescription(description string) error {
	return s.redescribe(func(m *metadata) *wire.Update {
		m.description = description
		return &wire.Update{Description: &description}
	})
}

// SetLabels replaces all labels, as SetVersion does the version. The map stays the caller's;
// nil takes all labels away.
func (s *Service) SetLabels(labels map[string]string) error {
	own := map[string]string{}
	maps.Copy(own, labels)
	return s.redescribe(func(m *metadata) *wire.Update {
		m.labels = own
		return &wire.Update{Labels: &own}
	})
}

// redescribe changes the metadata and tells the exchange.
func (s *Service) redescribe(change func(*metadata) *wire.Update) error {
	s.mu.Lock()
	told, err := s.changeMetadata(change)
	s.mu.Unlock()
	told.flush()
	return err
}

func (s *Service) changeMetadata(change func(*metadata) *wire.Update) (told *session, err error) {
	if s.err != nil {
		return nil, s.err
	}
	changed := s.metadata
	u := change(&changed)
	if f := wire.CheckMetadata(changed.version, changed.description, changed.labels); f != nil {
		return nil, f
	}
	s.metadata = changed
	return s.update(u), nil
}

// described is the metadata as they are now.
func (s *Service) described() metadata {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.metadata
}
