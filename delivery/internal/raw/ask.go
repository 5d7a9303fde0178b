package raw

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/ipp"
)

// askTime is how long a printer has for its answers unless the context is
// shorter.
const askTime = 5 * time.Second

const (
	maxID        = 1023
	maxLanguages = 32
)

// Answer is what a printer says of itself in PJL, cleaned and cut.
type Answer struct {
	PJL       bool     // it answers to PJL
	ID        string   // INFO ID: a model, or an IEEE 1284 device id
	Status    string   // what it shows, INFO STATUS
	Languages []string // LANGUAGES of INFO CONFIG: names for Formats
}

// Ask asks the printer at the other end of conn, which is used for nothing
// else and closed, what it is. A printer that does not speak PJL may print a
// line of the question: it is asked only when a person adds or tries it.
// Neither a timeout nor a close is an error.
func Ask(ctx context.Context, conn net.Conn) (Answer, error) {
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(pastDeadline) })
	defer stop()
	q := pjlQuestion{token: newToken()}
	_, err := conn.Write([]byte(q.requestText()))
	switch {
	case err == nil:
		q.readReplies(conn)
	case ctx.Err() == nil:
		return Answer{}, fmt.Errorf("asking by pjl: %w", err)
	}
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return Answer{}, fmt.Errorf("asking by pjl: %w", err)
	}
	return q.answer, nil
}

func newToken() string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return "ps-" + hex.EncodeToString(b)
}

// pjlQuestion is one call of Ask.
type pjlQuestion struct {
	token  string
	answer Answer
	over   bool
}

func (q *pjlQuestion) requestText() string {
	return uel + "@PJL" + eol +
		"@PJL ECHO " + q.token + eol +
		"@PJL INFO ID" + eol +
		"@PJL INFO CONFIG" + eol +
		"@PJL INFO STATUS" + eol +
		"@PJL ECHO " + endEcho(q.token) + eol + uel
}

func (q *pjlQuestion) readReplies(conn net.Conn) {
	p := pjlParser{onReply: q.handleReply}
	buf := make([]byte, 4096)
	for !q.over {
		n, err := conn.Read(buf)
		p.parsePiece(buf[:n])
		if err != nil {
			p.endReply()
			return
		}
	}
}

func (q *pjlQuestion) handleReply(r *pjlReply) {
	if !r.ended {
		return
	}
	switch r.kind {
	case "ECHO":
		q.answer.PJL = q.answer.PJL || r.text == q.token
		q.over = q.over || r.text == endEcho(q.token)
	case "INFO ID":
		if len(r.lines) > 0 {
			q.answer.ID = ipp.Clean(strings.Trim(r.lines[0], `"`), maxID)
		}
	case "INFO STATUS":
		display, _ := r.value("DISPLAY")
		q.answer.Status = ipp.Clean(display, maxWords)
	case "INFO CONFIG":
		q.answer.Languages = languagesIn(r.lines)
	}
}

// languagesIn returns the options listed under LANGUAGES.
func languagesIn(lines []string) (out []string) {
	within := false
	for _, line := range lines {
		switch first, _, _ := strings.Cut(line, " "); {
		case strings.ContainsAny(line, "[="):
			within = strings.EqualFold(first, "LANGUAGES")
		case within && len(out) < maxLanguages:
			out = append(out, ipp.Clean(first, maxWords))
		}
	}
	return out
}
