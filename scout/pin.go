package scout

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

// pin is what a person must enter to release a job (job-password, PWG
// 5100.11); empty for none. It is kept in the job's ticket, which is sealed,
// and no verb of package fmt shows it.
type pin []byte

// Format keeps the PIN out of every verb, and so out of logs and errors.
func (pin) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[not shown]") }

// equals compares in a time that discloses nothing about either PIN.
func (p pin) equals(given []byte) bool {
	a, b := sha256.Sum256(p), sha256.Sum256(given)
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// checkPIN returns the result of a job that is not sent because of its PIN,
// nil if the job may be sent.
func (s *Scout) checkPIN(j *job, printer string, given []byte, byServer bool) *control.Result {
	reason := s.pins.checkPIN(j, given, byServer)
	if reason == "" {
		return nil
	}
	r := notSentResult(j.id.String(), printer, reason, "")
	return &r
}

// checkOrderedPIN is checkPIN for the PIN of an order. A PIN that was not
// sealed for this computer, order and job says nothing about the job's, so it
// does not count as a try.
func (s *Scout) checkOrderedPIN(j *job, o wire.Order) *control.Result {
	if len(j.ticket.PIN) == 0 || len(o.PIN) == 0 {
		return s.checkPIN(j, o.Printer, nil, true)
	}
	given, err := s.openPIN(o)
	if err != nil {
		s.log.Debug("the PIN of an order could not be opened", "order", o.ID, "error", err)
		r := notSentResult(o.Job, o.Printer, outcome.ReasonPINUnreadable, "")
		return &r
	}
	return s.checkPIN(j, o.Printer, given, true)
}

func (s *Scout) openPIN(o wire.Order) ([]byte, error) {
	key, err := s.keys.Load(wrapKey)
	if err != nil {
		return nil, fmt.Errorf("reading the scout's wrap key: %w", err)
	}
	return wire.OpenPIN(key, o.ID, o.Job, o.PIN)
}

// keepTries records how many wrong PINs were given for a job.
func (s *Scout) keepTries(id uuid.UUID, t *tries) {
	if err := s.table.amendNote(id, func(n *note) { n.Tries = t }); err != nil {
		s.log.Warn("the wrong PINs of a job could not be written down; they count until the agent ends", "job", id, "error", err)
	}
}
