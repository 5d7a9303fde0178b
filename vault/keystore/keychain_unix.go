//go:build unix

package keystore

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// How security(1) of macOS is called.
const (
	securityTool   = "/usr/bin/security"
	systemKeychain = "/Library/Keychains/System.keychain"
	keychainItem   = "-s printscout -a keystore"
	// noItem is the exit status for errSecItemNotFound, -25300: the low byte
	// of an OSStatus (Security/SecBase.h).
	noItem       = 44
	securityTime = 20 * time.Second
)

// keychain is a Holder by the System keychain. It gives security(1) that
// keychain's path, so that no person's keychain is searched. The key is never an
// argument, which every process could read: `security -i` reads its commands.
//
// It is built for every Unix, so that it can be tested there.
type keychain struct {
	tool, path string
}

func (keychain) How() How { return Keychain }

func (c keychain) Keys() ([]Key, error) {
	args := append([]string{"find-generic-password"}, strings.Fields(keychainItem)...)
	out, err := c.runSecurity("", append(args, "-w", c.path)...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == noItem {
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, c.unusableError(err)
	}
	b, err := hex.DecodeString(string(bytes.TrimSpace(out)))
	if err != nil || len(b) != KeySize {
		// Without the error, which repeats a part of the item.
		return nil, c.unusableError(errors.New("its item keystore of printscout is not a key"))
	}
	return []Key{Key(b)}, nil
}

// Keep adds the key and then checks that there is one: with -i the exit status is
// not that of the command. An existing key is not replaced.
func (c keychain) Keep(k Key) error {
	command := fmt.Sprintf("add-generic-password %s -w %s %s\n", keychainItem, hex.EncodeToString(k[:]), c.path)
	if _, err := c.runSecurity(command, "-i"); err != nil {
		return c.unusableError(err)
	}
	_, err := c.Keys()
	if errors.Is(err, ErrNoKey) {
		return c.unusableError(errors.New("it did not take the key"))
	}
	return err
}

func (c keychain) unusableError(err error) error {
	return fmt.Errorf("keychain %s: %w: %w", c.path, ErrUnusable, err)
}

// runSecurity returns the standard output of security(1). Its standard error is
// not part of errors, since it may repeat the command.
func (c keychain) runSecurity(stdin string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), securityTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.tool, args...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	if ctx.Err() != nil {
		err = fmt.Errorf("it does not answer: %w", ctx.Err())
	}
	return out.Bytes(), err
}
