// Package session stores a person's secrets in sealed files, under one key of
// 32 bytes in the keyring of the person's session. The keyring holds only that
// key, since keyrings limit the size of what they hold.
//
// It is only for the tray, which runs as the person. The agent must not import
// it: root has no session, and a keyring that root uses may start programs, or
// wait for a person forever. Every call here ends in time, with an Error that can
// be shown.
package session

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/vault/keystore"
)

// Patience is how long a keyring may take to answer.
const Patience = 5 * time.Second

// Open opens the secrets in dir, which it creates if necessary. A person has one
// such folder. Open waits no longer than ctx, and no longer than Patience for
// each answer of the keyring. If the keyring cannot be used, it returns an
// *Error; it never falls back to plain files. It shows no window: a locked
// keyring stays locked.
//
// Only Open uses the keyring.
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
