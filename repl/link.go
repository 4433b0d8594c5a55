package repl

import (
	"context"
	"sync"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/service"
)

// link is the connection of a session, made when it is wanted first. It moves when the settings
// of the session name another exchange.
type link struct {
	dialing sync.Mutex // one at a time; taken before mu

	mu       sync.Mutex
	conn     *service.Conn   // nil before
	exchange string          // where it leads
	former   []*service.Conn // to where the session was before; its jobs may use them

	known registry // of the exchange that conn leads to
}

// maxFormer bounds the connections that are kept for jobs. The oldest one is closed for one more.
const maxFormer = 8

// up reports whether there is an exchange now.
func (l *link) up() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn != nil && l.conn.Connected()
}

// get is the connection to the exchange of the settings. A patient one is returned at once; else
// the exchange must be there, by the rules of command.Dial.
func (l *link) get(ctx context.Context, s *Session, settings command.Settings, patient bool) (*service.Conn, error) {
	conn, err := l.dial(ctx, s, settings, patient || s.opts.Interactive)
	if err == nil && !patient {
		err = command.Await(ctx, conn, settings)
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// dial makes the connection, unless there is one.
func (l *link) dial(ctx context.Context, s *Session, settings command.Settings, patient bool) (*service.Conn, error) {
	l.dialing.Lock()
	defer l.dialing.Unlock()
	if conn := l.to(settings.Exchange); conn != nil {
		return conn, nil
	}
	conn, err := s.opts.Dial(ctx, settings, patient)
	if err != nil {
		return nil, err
	}
	l.put(conn, settings.Exchange)
	if s.opts.Interactive {
		l.known.follow(conn)
	}
	if s.opts.Connected != nil {
		s.opts.Connected(conn)
	}
	return conn, nil
}

// to is the connection to an exchange. One to another exchange is put aside: the session has moved.
func (l *link) to(exchange string) *service.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil || l.exchange == exchange && l.conn.Err() == nil {
		return l.conn
	}
	l.former = append(l.former, l.conn)
	if len(l.former) > maxFormer {
		l.former[0].Close()
		l.former = l.former[1:]
	}
	l.conn = nil
	return nil
}

func (l *link) put(conn *service.Conn, exchange string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn, l.exchange = conn, exchange
}

func (l *link) close() {
	l.known.close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.former {
		conn.Close()
	}
	if l.conn != nil {
		l.conn.Close()
	}
	l.conn, l.former = nil, nil
}

// connector is how the commands of one statement connect. A statement that names another exchange
// than the session's has a connection of its own, which done closes.
func (s *Session) connector(settings command.Settings, own bool) (connect func(context.Context, bool) (*service.Conn, error), done func()) {
	if !own {
		return func(ctx context.Context, patient bool) (*service.Conn, error) {
			return s.link.get(ctx, s, settings, patient)
		}, func() {}
	}
	var made *service.Conn
	return func(ctx context.Context, patient bool) (conn *service.Conn, err error) {
			if made != nil {
				return made, nil
			}
			if conn, err = s.opts.Dial(ctx, settings, patient); err == nil {
				made = conn
			}
			return conn, err
		}, func() {
			if made != nil {
				made.Close()
			}
		}
}
