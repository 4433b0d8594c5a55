package wire

import (
	"encoding/binary"
	"errors"
)

// MaxSubject bounds a subject, and a pattern of subjects, in bytes.
const MaxSubject = 256

// LifetimeOfPublisher retains a value while its publisher lives.
const LifetimeOfPublisher int32 = -1

// ErrBadReport reports the body of a KindPublish, KindReport or KindGap that does not hold what
// it must.
var ErrBadReport = errors.New("wire: malformed report")

// Publish is the body of KindPublish. Its slices point into the frame it was read from.
type Publish struct {
	Lifetime int32  // seconds to retain the value; 0 for not at all, LifetimeOfPublisher
	AgeMS    uint32 // how old the value is; not 0 when it comes again after a reconnection
	To       uint32 // the own instance of the one subscriber who is to get it; 0 for all
	Subject  []byte // never empty; not checked further
	Value    []byte // one CBOR value; not looked at
	Tail     []byte // subject and value as they are encoded, the end of a report's body
}

// publishFixed is the size of what stands before the subject.
const publishFixed = 12

// AppendPublish appends the body of a KindPublish up to its value, which the caller appends. It
// returns false, and dst as it was, when the subject is empty or over MaxSubject.
func AppendPublish(dst []byte, p *Publish, subject string) ([]byte, bool) {
	if subject == "" || len(subject) > MaxSubject {
		return dst, false
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(p.Lifetime))
	dst = binary.LittleEndian.AppendUint32(dst, p.AgeMS)
	dst = binary.LittleEndian.AppendUint32(dst, p.To)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(subject)))
	return append(dst, subject...), true
}

// ParsePublish splits the body of a KindPublish. It checks lengths, not contents.
func ParsePublish(body []byte) (Publish, error) {
	if len(body) < publishFixed {
		return Publish{}, ErrBadReport
	}
	tail := body[publishFixed:]
	subject, value, ok := splitSubject(tail)
	if !ok {
		return Publish{}, ErrBadReport
	}
	return Publish{
		Lifetime: int32(binary.LittleEndian.Uint32(body)), AgeMS: binary.LittleEndian.Uint32(body[4:]),
		To: binary.LittleEndian.Uint32(body[8:]), Subject: subject, Value: value, Tail: tail,
	}, nil
}

// Report is the body of KindReport. Its slices point into the frame it was read from.
type Report struct {
	Time    int64  // when it was published, Unix milliseconds
	Name    []byte // of the publisher; empty for the own instance of a session
	Subject []byte
	Value   []byte // one CBOR value; not looked at
}

// AppendReportHead appends what stands in the body of a KindReport before the Tail of the
// Publish it is made of. A name has at most 255 bytes.
func AppendReportHead(dst []byte, millis int64, name string) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(millis))
	return append(append(dst, byte(len(name))), name...)
}

// ParseReport splits the body of a KindReport. It checks lengths, not contents.
func ParseReport(body []byte) (Report, error) {
	const fixed = 9
	if len(body) < fixed || len(body) < fixed+int(body[8]) {
		return Report{}, ErrBadReport
	}
	nameEnd := fixed + int(body[8])
	name := body[fixed:nameEnd:nameEnd]
	subject, value, ok := splitSubject(body[nameEnd:])
	if !ok {
		return Report{}, ErrBadReport
	}
	return Report{Time: int64(binary.LittleEndian.Uint64(body)), Name: name, Subject: subject, Value: value}, nil
}

// UnknownGap is the count of a gap of which nobody knows how many reports it has swallowed.
const UnknownGap uint64 = 1<<64 - 1

// AppendGap appends the whole frame that tells a subscription how many reports are missing.
func AppendGap(dst []byte, subscription uint64, count uint64) []byte {
	at := len(dst)
	dst = AppendGapBody(BeginFrame(dst, &Header{Kind: KindGap, ID: subscription}), count)
	EndFrame(dst, at)
	return dst
}

// AppendGapBody appends the body of a KindGap.
func AppendGapBody(dst []byte, count uint64) []byte {
	if count == UnknownGap {
		return dst
	}
	return binary.LittleEndian.AppendUint64(dst, count)
}

// ParseGap reads the body of a KindGap.
func ParseGap(body []byte) (count uint64, err error) {
	switch len(body) {
	case 0:
		return UnknownGap, nil
	case 8:
		return binary.LittleEndian.Uint64(body), nil
	}
	return 0, ErrBadReport
}

// splitSubject cuts a subject behind its length from the value that follows. Neither is empty.
func splitSubject(b []byte) (subject, value []byte, ok bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	n := int(binary.LittleEndian.Uint16(b))
	if n == 0 || n > MaxSubject || len(b) <= 2+n {
		return nil, nil, false
	}
	return b[2 : 2+n : 2+n], b[2+n:], true
}
