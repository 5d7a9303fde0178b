package raw

import (
	"bytes"
	"strings"
)

const (
	maxLine    = 1024
	maxHeard   = 1 << 20
	maxInReply = 512 // lines of one reply
)

// pjlReply is what a printer says: a line that begins with @PJL, and the lines
// after it up to a form feed (PJL Technical Reference, Status Readback).
type pjlReply struct {
	kind  string   // in capitals, one space between words: USTATUS JOB, ECHO, INFO ID, …
	text  string   // of ECHO, what is echoed
	lines []string // without white space at either end
	ended bool     // nothing more can come of it
}

// value returns the value of a line NAME=value, without quotation marks.
func (r *pjlReply) value(name string) (string, bool) {
	for _, line := range r.lines {
		if key, v, ok := strings.Cut(line, "="); ok && strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(v), `"`), true
		}
	}
	return "", false
}

// hasLine reports whether a line consists of that word.
func (r *pjlReply) hasLine(word string) bool {
	for _, line := range r.lines {
		if strings.EqualFold(line, word) {
			return true
		}
	}
	return false
}

// pjlParser parses what comes back in any pieces. It calls onReply with a
// reply whenever that has grown by a line, and once more when it has ended.
type pjlParser struct {
	onReply func(*pjlReply)

	line    []byte
	tooLong bool
	total   int
	now     *pjlReply
}

// parsePiece parses a piece; what is over the limit is ignored.
func (p *pjlParser) parsePiece(b []byte) {
	b = b[:min(len(b), maxHeard-p.total)]
	p.total += len(b)
	for len(b) > 0 {
		n := bytes.IndexAny(b, "\r\n\f")
		if n < 0 {
			p.growLine(b)
			return
		}
		p.growLine(b[:n])
		p.takeLine()
		if b[n] == '\f' {
			p.endReply()
		}
		b = b[n+1:]
	}
}

func (p *pjlParser) growLine(b []byte) {
	if p.tooLong = p.tooLong || len(p.line)+len(b) > maxLine; !p.tooLong {
		p.line = append(p.line, b...)
	}
}

// takeLine adds the line that has ended to its reply.
func (p *pjlParser) takeLine() {
	line := strings.TrimSpace(strings.ReplaceAll(string(p.line), "\x00", ""))
	long := p.tooLong
	p.line, p.tooLong = p.line[:0], false
	switch {
	case long || line == "":
	case isPJL([]byte(line)):
		p.beginReply(line)
	case p.now != nil && len(p.now.lines) < maxInReply:
		p.now.lines = append(p.now.lines, line)
		p.onReply(p.now)
	}
}

func (p *pjlParser) beginReply(line string) {
	p.endReply()
	words := strings.Fields(line)[1:]
	if len(words) == 0 {
		return
	}
	p.now = &pjlReply{kind: strings.ToUpper(words[0])}
	switch {
	case p.now.kind == "ECHO":
		p.now.text = strings.Join(words[1:], " ")
		p.endReply()
	case len(words) > 1:
		p.now.kind += " " + strings.ToUpper(words[1])
	}
}

// endReply ends the reply in progress, as the end of the connection does. An
// unfinished line is not part of it.
func (p *pjlParser) endReply() {
	if p.now == nil {
		return
	}
	r := p.now
	p.now = nil
	r.ended = true
	p.onReply(r)
}
