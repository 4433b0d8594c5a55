package service

import (
	"fmt"
	"log/slog"
)

// SetLimit changes how many handlers may run at once: ServiceOptions.Limit, for a service
// that somebody else has made. It is called before the first announcement. The error is a
// limit below 1, or that the service is announced already, and changes nothing.
func (s *Service) SetLimit(handlers int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return s.err
	case handlers < 1:
		return fmt.Errorf("service: a limit of %d handlers", handlers)
	case s.instance != nil:
		return fmt.Errorf("service: %s is announced already", s.name)
	}
	s.opts.Limit = handlers
	return nil
}

// SetLogger changes who gets the service's log: ServiceOptions.Logger, for a service that
// somebody else has made. It is called before the first announcement; else the error changes
// nothing. Nil means the Conn's logger.
func (s *Service) SetLogger(log *slog.Logger) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return s.err
	case s.instance != nil:
		return fmt.Errorf("service: %s is announced already", s.name)
	}
	s.opts.Logger = log
	return nil
}
