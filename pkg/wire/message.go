package wire

import (
	"errors"
	"fmt"
)

// Size limits of control frames, whole. Announce, Update and Described carry signatures.
const (
	MaxControl    = 64 << 10
	MaxSignatures = 256 << 10
	MaxAnnounce   = MaxSignatures + MaxControl
	MaxHello      = 4 << 10 // everything before Welcome
)

// Message is one decoded control frame. Only types of this package implement it.
//
//sumtype:decl
type Message interface{ kind() Kind }

// ErrBadMessage reports a control frame that does not hold what its kind says.
var ErrBadMessage = errors.New("wire: malformed control frame")

// AppendMessage appends m as a whole frame. id tells which control request an answer
// belongs to; target is the watch of Events and zero elsewhere. The texts of a Hello and a
// Bye, which nobody has checked, are made valid UTF-8 and cut to what their receiver takes.
// All other texts must be valid UTF-8, or the receiver will refuse the frame.
func AppendMessage(dst []byte, id uint64, target uint32, m Message) []byte {
	h := Header{Kind: m.kind(), ID: id, Target: target}
	switch m := m.(type) {
	case *Hello:
		return AppendFrame(dst, &h, mustEncode(m.trimmed()))
	case *Bye:
		return AppendFrame(dst, &h, mustEncode(m.trimmed()))
	default:
		return AppendFrame(dst, &h, mustEncode(m))
	}
}

// ParseMessage reads the body of a control frame. The error is ErrBadMessage with its
// cause; kinds that carry no message are a bad message, too. The message keeps no part of body.
func ParseMessage(k Kind, body []byte) (Message, error) {
	limit := MaxControl
	if k == KindAnnounce || k == KindUpdate || k == KindDescribed {
		limit = MaxAnnounce
	}
	if len(body)+HeaderSize > limit {
		return nil, fmt.Errorf("%w: %s of %d bytes is over the limit of %d", ErrBadMessage, k, len(body)+HeaderSize, limit)
	}
	m := newMessage(k)
	if m == nil {
		return nil, fmt.Errorf("%w: %s carries none", ErrBadMessage, k)
	}
	if err := decodeMap(body, m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBadMessage, k, err)
	}
	return m, nil
}

// newMessage returns an empty message of the kind, nil when the kind carries none.
func newMessage(k Kind) Message {
	switch k {
	case KindHello:
		return new(Hello)
	case KindWelcome:
		return new(Welcome)
	case KindBye:
		return new(Bye)
	case KindAnnounce:
		return new(Announce)
	case KindAnnounced:
		return new(Announced)
	case KindUpdate:
		return new(Update)
	case KindWithdraw:
		return new(Withdraw)
	case KindBind:
		return new(Bind)
	case KindUnbind:
		return new(Unbind)
	default:
		return newRegistryMessage(k)
	}
}

// newRegistryMessage is the part of newMessage that is about looking at the registry.
func newRegistryMessage(k Kind) Message {
	switch k {
	case KindWatch:
		return new(Watch)
	case KindUnwatch:
		return new(Unwatch)
	case KindEvents:
		return new(Events)
	case KindDescribe:
		return new(Describe)
	case KindDescribed:
		return new(Described)
	default:
		return newReportMessage(k)
	}
}

// newReportMessage is the part of newMessage that is about reports.
func newReportMessage(k Kind) Message {
	switch k {
	case KindSubscribe:
		return new(Subscribe)
	case KindUnsubscribe:
		return new(Unsubscribe)
	case KindExpire:
		return new(Expire)
	case KindNotice:
		return new(Notice)
	default:
		return nil
	}
}
