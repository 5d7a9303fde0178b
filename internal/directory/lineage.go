package directory

import (
	"errors"
	"fmt"
)

// Lineage is the public parts of one site that a reader has come to trust,
// oldest first. The last one is in force; the reader never goes back to
// another. It need not begin with the first of the site.
type Lineage []Public

// How far back a reader tells a rollback or a fork from any other envelope
// that it refuses. A lineage holds what one succession leads past. Forks cost
// a check of each statement by each key.
const (
	maxLineage = maxSuccession + 1
	maxForks   = 8
)

// ForkError tells that somebody had the signing key of a former epoch: it
// names a successor of that epoch that is not the one in the lineage.
type ForkError struct {
	Epoch uint32 // of the two successors
	Rival string // fingerprint of the one that is refused
}

// Error says which epoch has two successors.
func (e *ForkError) Error() string {
	return fmt.Sprintf("%s: %s also claims to be epoch %d", ErrFork, e.Rival, e.Epoch)
}

// Unwrap makes every ForkError an ErrFork.
func (e *ForkError) Unwrap() error { return ErrFork }

// Accept checks an envelope (at most 4 MiB) as Public.Check does, after
// following its succession from the public part in force. It gives the
// directory and the lineage to keep from now on: l itself, unless the
// envelope is of a newer epoch. Beside the errors of Public.Check there are
// ErrRollback for an envelope of an epoch that l has left, and ErrFork, a
// *ForkError. Accept does not know which directory came before: see
// Directory.Newer.
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

// extendBy is l with what came after its end, and without its beginning where
// it gets long.
func (l Lineage) extendBy(passed []Public, now Public) Lineage {
	out := append(Lineage{}, l...)
	out = append(append(out, passed...), now)
	return out[max(0, len(out)-maxLineage):]
}

// explainRefusal finds out whether what was refused by the keys in force was made by
// a key that l has left.
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

// findFork is another successor of one of the epochs that l left last; nil if
// there is none.
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
