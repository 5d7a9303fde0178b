package cloudlink

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/printscout/printscout/cloudlink/wire"
)

// Status is the state of a link.
type Status struct {
	Connected bool
	Since     time.Time // of the present connection, or of the loss of the last; zero before the first
	LastError string    // a sentence for people; empty when all is well
	Retry     time.Time // when the next attempt is made; zero while connected
	// Pending is whether an administrator has not approved the scout yet, as of
	// the last welcome.
	Pending bool
	// ClockSkew is how far the server's clock is ahead of this computer's,
	// as of the last welcome; good to a second.
	ClockSkew time.Duration
}

// statusBoard holds the link's status.
type statusBoard struct {
	changed func() // called without the lock

	mu  sync.Mutex
	now Status
}

func (b *statusBoard) current() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *statusBoard) setConnected(now time.Time, w wire.Welcome) {
	// The wire drops the server's fraction of a second: half a second on average.
	skew := w.Now.Add(time.Second / 2).Sub(now).Truncate(time.Second)
	b.change(func(s *Status) { *s = Status{Connected: true, Since: now, ClockSkew: skew, Pending: w.Pending} })
}

// setTrouble sets what is wrong while the connection lasts.
func (b *statusBoard) setTrouble(sentence string) {
	b.change(func(s *Status) { s.LastError = sentence })
}

func (b *statusBoard) setLost(now time.Time, sentence string, retry time.Time) {
	b.change(func(s *Status) {
		if s.Connected {
			s.Since = now
		}
		s.Connected, s.LastError, s.Retry = false, sentence, retry
	})
}

func (b *statusBoard) setStopped() {
	b.change(func(s *Status) { s.Connected, s.Retry = false, time.Time{} })
}

func (b *statusBoard) change(how func(*Status)) {
	b.mu.Lock()
	how(&b.now)
	b.mu.Unlock()
	b.changed()
}

type (
	refusedError     wire.Refused
	drainError       struct{ delay time.Duration }
	unavailableError struct{ after time.Duration }
	protocolError    string
)

func (e refusedError) Error() string   { return "the server refused this scout: " + plainText(e.Code) }
func (drainError) Error() string       { return "the server is going away" }
func (unavailableError) Error() string { return "the server is busy" }
func (e protocolError) Error() string  { return "protocol: " + string(e) }

// errorKind returns the word for why there is no connection.
func errorKind(err error) string {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	if untrusted || errors.Is(err, ErrServerPin) {
		return "certificate"
	}
	if _, ok := errors.AsType[protocolError](err); ok {
		return "protocol"
	}
	if _, ok := errors.AsType[refusedError](err); ok {
		return "refused"
	}
	if _, ok := errors.AsType[drainError](err); ok {
		return "draining"
	}
	if _, ok := errors.AsType[unavailableError](err); ok {
		return "busy"
	}
	return "unreachable"
}

// errorSentence returns a sentence for people about err, and what to do about
// it.
func (l *Link) errorSentence(err error) string {
	if refused, ok := errors.AsType[refusedError](err); ok {
		return refusalSentence(refused)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "the certificate of the server at " + l.host + " is not valid at this time: is this computer's clock right?"
	}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	switch _, protocol := errors.AsType[protocolError](err); {
	case untrusted || errors.Is(err, ErrServerPin):
		return "the server at " + l.host + " shows a certificate that this scout has no reason to trust; nothing was sent to it"
	case protocol:
		return "what answers at " + l.host + " does not behave like a release server: " + plainText(err.Error())
	}
	if _, ok := errors.AsType[drainError](err); ok {
		return "the server has asked to connect again shortly, because it restarts or has approved this computer"
	}
	if _, ok := errors.AsType[unavailableError](err); ok {
		return "the server is busy and asked to be left alone for a while"
	}
	return "the server at " + l.host + " cannot be reached: " + plainText(err.Error())
}

func refusalSentence(r refusedError) string {
	switch r.Code {
	case wire.CodeUnknown:
		return "the server does not know this scout: enroll it again"
	case wire.CodeSignature:
		return "the server does not accept this scout's key: enroll it again"
	case wire.CodeOld:
		return "this scout is too old for the server: update it"
	}
	return "the server refused this scout: " + plainText(r.Message)
}

// plainText returns text from an untrusted party as one short line.
func plainText(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	const most = 300
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
