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

// What is asked of macOS (security(1)).
const (
	securityTool   = "/usr/bin/security"
	systemKeychain = "/Library/Keychains/System.keychain"
	keychainItem   = "-s printscout -a keystore"
	// noItem is the exit status for errSecItemNotFound, -25300: the low byte
	// of an OSStatus (Security/SecBase.h).
	noItem       = 44
	securityTime = 20 * time.Second
)

// keychain keeps the key in the System keychain, by security(1) on a path that
// is named, so that no keychain of a person's is searched. The key never is an
// argument, which every process may read: `security -i` reads its commands.
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
		// Not the error, which tells a part of what is there.
		return nil, c.unusableError(errors.New("its item keystore of printscout is no key"))
	}
	return []Key{Key(b)}, nil
}

// Keep looks whether the key is there afterwards: in this mode the exit status
// is not that of the command. A key that is there already is not replaced.
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

// runSecurity gives what security(1) says on standard output; what it says on standard
// error stays out of errors, since it may repeat the command.
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
