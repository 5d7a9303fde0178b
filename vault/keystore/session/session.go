// Package session keeps a person's secrets: in sealed files, under one key of
// 32 bytes that the keyring of the person's session holds. The keyring holds
// that key and nothing more, since keyrings limit what they take.
//
// It is for the tray alone, which runs as the person. The agent must not know
// it: root has no session, and a keyring that is asked for one may start
// programs, or wait for a person for ever. Every call here ends in time, with
// an Error that can be shown.
package session

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/vault/keystore"
)

// Patience is how long a keyring may take for an answer.
const Patience = 5 * time.Second

// Open opens the secrets in dir, which it makes if need be; they are of one
// person, who has one such folder. It waits no longer than ctx, or Patience
// for each answer of the keyring. Where the keyring is no use it gives an
// *Error; there is no way around it, no plain file. It shows no window: a
// keyring that is locked stays so.
//
// Nothing but Open asks the keyring.
func Open(ctx context.Context, dir string) (*keystore.Store, error) {
	return openUnder(ctx, dir, keyringHolder{ctx: ctx, item: sessionItem{}, patience: Patience})
}

func openUnder(ctx context.Context, dir string, k keyringHolder) (*keystore.Store, error) {
	k.ctx = ctx
	s, err := keystore.OpenUnder(dir, k)
	if errors.Is(err, keystore.ErrKeyMissing) || errors.Is(err, keystore.ErrOtherKey) {
		return nil, &Error{State: Lost, Err: err, dir: filepath.Clean(dir)}
	}
	return s, err
}
