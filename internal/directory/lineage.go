package directory

import (
	"errors"
	"fmt"
)

// Lineage is the public parts of one site that a reader has accepted, oldest
// first. The last one is in force; the reader never goes back to another. The
// first one need not be of the site's first epoch.
type Lineage []Public

// How many epochs back a reader can tell a rollback or a fork from other
// envelopes that it refuses. A lineage holds as many as one succession can lead
// past. To find a fork, each statement is verified with each of maxForks keys.
const (
	maxLineage = maxSuccession + 1
	maxForks   = 8
)

// ForkError means that the signing key of a former epoch was used twice: it names
// a successor of that epoch that is not the one in the lineage.
type ForkError struct {
	Epoch uint32 // of the two successors
	Rival string // fingerprint of the successor that is refused
}

// Error implements error.
func (e *ForkError) Error() string {
	return fmt.Sprintf("%s: %s also claims to be epoch %d", ErrFork, e.Rival, e.Epoch)
}

// Unwrap makes every ForkError an ErrFork.
func (e *ForkError) Unwrap() error { return ErrFork }

// Accept checks an envelope (at most 4 MiB) as Public.Check does, after following
// its succession from the public part in force. It returns the directory and the
// lineage to keep from now on: l itself, unless the envelope is of a newer epoch.
// Besides the errors of Public.Check it returns ErrRollback for an envelope of a
// former epoch of l, and a *ForkError, which wraps ErrFork. Accept does not know
// which directory came before: see Directory.Newer.
func (l Lineage) Accept(data []byte) (*Directory, Lineage, error) {
	d, next, err := l.acceptEnvelope(data)
	if err != nil {
		return nil, nil, fmt.Errorf("check directory: %w", err)
	}
	return d, next, nil
}

func (l Lineage) acceptEnvelope(data []byte) (*Directory, Lineage, error) {
	if len(l) == 0 {
		return nil, nil, malformed("no public part to check it by")
	}
	own := l[len(l)-1]
	if err := own.Validate(); err != nil {
		return nil, nil, err
	}
	e, err := parseEnvelope(data)
	if err != nil {
		return nil, nil, err
	}
	now, left, err := own.followSuccession(e.Succession)
	var d *Directory
	if err == nil {
		d, err = now.readPayload(e)
	}
	if err != nil {
		return nil, nil, l.explainRefusal(e, err)
	}
	if len(left) == 0 {
		return d, l, nil
	}
	return d, l.extendBy(left[1:], now), nil
}

// extendBy returns l with the public parts that followed, without its oldest ones
// if it gets too long.
func (l Lineage) extendBy(passed []Public, now Public) Lineage {
	out := append(Lineage{}, l...)
	out = append(append(out, passed...), now)
	return out[max(0, len(out)-maxLineage):]
}

// explainRefusal returns a better error than refused if a former key of l signed
// the envelope or a statement in it.
func (l Lineage) explainRefusal(e envelope, refused error) error {
	if !errors.Is(refused, ErrSignature) {
		return refused
	}
	if fork := l.findFork(e.Succession); fork != nil {
		return fork
	}
	for _, p := range l[:len(l)-1] {
		if _, err := p.verifyStatement(e.statement, signingContext); err == nil {
			return fmt.Errorf("%w: it is of epoch %d, and the site is at epoch %d", ErrRollback, p.Epoch, l[len(l)-1].Epoch)
		}
	}
	return refused
}

// findFork returns an error if a statement names another successor of one of the
// last former epochs of l, else nil.
func (l Lineage) findFork(statements []statement) error {
	last := len(l) - 1
	for i := max(0, last-maxForks); i < last; i++ {
		for _, s := range statements {
			n, err := l[i].verifySuccession(s)
			if err == nil && n.Next.Fingerprint() != l[i+1].Fingerprint() {
				return &ForkError{Epoch: n.Next.Epoch, Rival: n.Next.Fingerprint()}
			}
		}
	}
	return nil
}
