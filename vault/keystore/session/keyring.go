package session

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	library "github.com/zalando/go-keyring"

	"github.com/printscout/printscout/vault/keystore"
)

// The names of our one item in the keyring.
const (
	service = "printscout"
	account = "keystore"
)

// keyringItem is our item in a keyring; tests have their own.
type keyringItem interface {
	// checkUsable returns an *Error if the keyring cannot be used, without asking
	// a person.
	checkUsable(ctx context.Context) error
	readItem() (string, error)
	writeItem(secret string) error
	// stateOfError returns what an error of readItem or writeItem means.
	stateOfError(err error) State
}

// sessionItem is our item in the keyring of this session.
type sessionItem struct{}

func (sessionItem) readItem() (string, error)     { return library.Get(service, account) }
func (sessionItem) writeItem(secret string) error { return library.Set(service, account, secret) }

// keyringHolder is a keystore.Holder by a keyring.
type keyringHolder struct {
	ctx      context.Context // of the call to Open
	item     keyringItem
	patience time.Duration
}

func (keyringHolder) How() keystore.How { return keystore.Keyring }

func (k keyringHolder) Keys() ([]keystore.Key, error) {
	text, err := k.callInTurn(k.item.readItem)
	if errors.Is(err, library.ErrNotFound) {
		return nil, keystore.ErrNoKey
	}
	if err != nil {
		return nil, err
	}
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != keystore.KeySize {
		// Without the error, which repeats a part of the item.
		return nil, &Error{State: Lost, Err: fmt.Errorf("its item %s of %s is not a key", account, service)}
	}
	return []keystore.Key{keystore.Key(b)}, nil
}

func (k keyringHolder) Keep(key keystore.Key) error {
	text := hex.EncodeToString(key[:])
	_, err := k.callInTurn(func() (string, error) { return "", k.item.writeItem(text) })
	if err != nil && strings.Contains(err.Error(), text) {
		return &Error{State: Failed}
	}
	return err
}

// turn admits one call at a time to the keyring. The library's calls cannot be
// canceled: one that hangs keeps the turn until the keyring answers or ends, so
// that there is never more than one.
var turn = make(chan struct{}, 1)

// callResult is what a call returned.
type callResult struct {
	text string
	err  error
}

// callInTurn makes a call to the library and waits for it, for k.patience at
// most.
func (k keyringHolder) callInTurn(call func() (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(k.ctx, k.patience)
	defer cancel()
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return "", &Error{State: Hanging, Err: ctx.Err()}
	}
	came := make(chan callResult, 1)
	go func() {
		defer func() { <-turn }()
		came <- k.callLibrary(ctx, call)
	}()
	select {
	case a := <-came:
		return a.text, a.err
	case <-ctx.Done():
		return "", &Error{State: Hanging, Err: ctx.Err()}
	}
}

// callLibrary makes a call if the keyring can be used. It turns panics into
// errors: go-keyring 0.2.8 reads from a nil signal if the bus ends while it waits
// for a prompt (secret_service.go, handlePrompt).
func (k keyringHolder) callLibrary(ctx context.Context, call func() (string, error)) (a callResult) {
	defer func() {
		if recover() != nil {
			a = callResult{err: &Error{State: Failed, Err: errors.New("the connection to it ended")}}
		}
	}()
	if err := k.item.checkUsable(ctx); err != nil {
		return callResult{err: err}
	}
	if ctx.Err() != nil {
		return callResult{err: &Error{State: Hanging, Err: ctx.Err()}}
	}
	text, err := call()
	if err != nil && !errors.Is(err, library.ErrNotFound) {
		err = &Error{State: k.item.stateOfError(err), Err: err}
	}
	return callResult{text, err}
}
