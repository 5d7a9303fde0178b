package snmp

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/printscout/printscout/internal/ipp"
)

// timeLimits are how long a lookup waits.
type timeLimits struct {
	try     time.Duration // for one answer
	retries int           // how often a question is repeated
	total   time.Duration // for all of a lookup
}

var usualLimits = timeLimits{try: time.Second, retries: 1, total: 2500 * time.Millisecond}

// session asks one printer, over one socket, for one lookup.
type session struct {
	ctx    context.Context
	host   string
	client *gosnmp.GoSNMP
	conn   *countingConn
	close  func()
}

// openSession opens a session and sends nothing. The session ends with its
// context.
func openSession(ctx context.Context, host string, a Access, e Engine, t timeLimits) (*session, error) {
	g := a.newClient(host, e)
	g.Context, g.Timeout, g.Retries = ctx, t.try, t.retries
	s := &session{ctx: ctx, host: host, client: g, conn: &countingConn{}, close: func() {}}
	if err := g.Connect(); err != nil {
		return s, s.classifyError(err)
	}
	if usm := s.usmParameters(); usm != nil && e.ID != "" {
		// gosnmp makes keys by itself only on discovery.
		if err := usm.InitSecurityKeys(); err != nil {
			g.Close()
			return s, fmt.Errorf("%w: %w", ErrAccess, err)
		}
	}
	socket := g.Conn
	s.conn.Conn = socket
	g.Conn = s.conn
	// gosnmp looks at the context between two tries only.
	stop := context.AfterFunc(ctx, func() { socket.Close() })
	s.close = func() { stop(); socket.Close() }
	return s, nil
}

func (s *session) usmParameters() *gosnmp.UsmSecurityParameters {
	usm, _ := s.client.SecurityParameters.(*gosnmp.UsmSecurityParameters)
	return usm
}

// learnedEngine returns what has been learned of the SNMPv3 engine.
func (s *session) learnedEngine(now time.Time) *Engine {
	usm := s.usmParameters()
	if usm == nil || usm.AuthoritativeEngineID == "" {
		return nil
	}
	return &Engine{ID: hex.EncodeToString([]byte(usm.AuthoritativeEngineID)), Boots: usm.AuthoritativeEngineBoots, Time: usm.AuthoritativeEngineTime, At: now}
}

// sendQuestion sends one question, repeats it after silence, and accepts only
// an answer of the version that was asked.
func (s *session) sendQuestion(question func() (*gosnmp.SnmpPacket, error)) (*gosnmp.SnmpPacket, error) {
	heard := s.conn.heard
	p, err := question()
	switch {
	case err != nil && s.conn.heard == heard:
		return nil, s.silenceError(err)
	case err != nil:
		return nil, s.classifyError(err)
	case p.Version != s.client.Version:
		return nil, s.newError(ErrGarbled, "an answer of another version")
	case p.PDUType == gosnmp.Report:
		return nil, s.newError(ErrRefused, "a report instead of an answer")
	case p.PDUType != gosnmp.GetResponse:
		return nil, s.newError(ErrGarbled, "no answer but a "+p.PDUType.String())
	case isRefusal(p) && p.ErrorIndex == 0:
		return nil, s.newError(ErrRefused, p.Error.String())
	}
	return p, nil
}

// isRefusal reports whether an answer refuses a question, or the object that
// it names.
func isRefusal(p *gosnmp.SnmpPacket) bool {
	return p.Error == gosnmp.AuthorizationError || p.Error == gosnmp.NoAccess
}

func (s *session) newError(kind error, what string) error {
	return fmt.Errorf("asking %s by snmp: %w: %s", s.host, kind, what)
}

// silenceError returns the error of a question without an answer.
func (s *session) silenceError(err error) error {
	if errors.Is(s.ctx.Err(), context.Canceled) {
		return fmt.Errorf("asking %s by snmp: %w", s.host, context.Canceled)
	}
	if cause := s.ctx.Err(); cause != nil {
		err = cause
	}
	return fmt.Errorf("asking %s by snmp: %w (%w)", s.host, ErrSilent, err)
}

// refusalErrors are gosnmp's errors for what RFC 3414, 3.2 counts.
var refusalErrors = []error{
	gosnmp.ErrUnknownUsername, gosnmp.ErrWrongDigest, gosnmp.ErrDecryption, gosnmp.ErrUnknownSecurityLevel,
	gosnmp.ErrUnknownSecurityModels, gosnmp.ErrNotInTimeWindow, gosnmp.ErrUnknownEngineID,
}

// classifyError returns an error that followed an answer as one of the
// package's kinds. The text is cut: gosnmp quotes packets, and its own stacks
// after a panic.
func (s *session) classifyError(err error) error {
	if s.ctx.Err() != nil || s.conn.heard == 0 {
		return s.silenceError(err)
	}
	for _, r := range refusalErrors {
		if errors.Is(err, r) {
			return s.newError(ErrRefused, r.Error())
		}
	}
	// It has no error value for this: a report that is not signed.
	if strings.Contains(err.Error(), "not authentic") {
		return s.newError(ErrRefused, "the answer is not signed with the key")
	}
	// Something came at first, and then nothing more.
	if errors.Is(err, gosnmp.ErrMaxRetriesExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return s.silenceError(err)
	}
	first, _, _ := strings.Cut(err.Error(), " Stack:")
	return s.newError(ErrGarbled, ipp.Clean(first, 120))
}
