package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// encrypter is an external program that encrypts and decrypts a file. encrypt and
// decrypt return its command lines.
type encrypter struct {
	name    string
	encrypt func(from string) []string
	decrypt func() []string // to standard output; nil if there is nothing to decrypt
	to      string
}

// findEncrypters returns those on this machine: age, openssl, and cp, which
// encrypts nothing and measures the speed of the disk.
func (m *measurement) findEncrypters(ctx context.Context, dir string) (all []encrypter, err error) {
	for _, o := range []struct {
		program string
		make    func(ctx context.Context, program, dir string) (encrypter, error)
	}{{"age", ageOf}, {"openssl", opensslOf}, {"cp", cpOf}} {
		program, ok := peers.Find(o.program)
		if !ok {
			m.report.addMissing(o.program)
			continue
		}
		e, err := o.make(ctx, program, dir)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func cpOf(_ context.Context, program, dir string) (encrypter, error) {
	to := filepath.Join(dir, "cp.to")
	return encrypter{name: "cp and fsync", to: to, encrypt: func(from string) []string { return []string{program, from, to} }}, nil
}

// ageOf returns age, with a new key that age-keygen makes.
func ageOf(ctx context.Context, program, dir string) (encrypter, error) {
	to := filepath.Join(dir, "age.to")
	key := filepath.Join(dir, "age.key")
	said, err := exec.CommandContext(ctx, program+"-keygen", "-o", key).CombinedOutput()
	if err != nil {
		return encrypter{}, fmt.Errorf("age-keygen: %w: %s", err, said)
	}
	_, recipient, ok := strings.Cut(strings.TrimSpace(string(said)), "Public key: ")
	if !ok {
		return encrypter{}, fmt.Errorf("age-keygen said %q", said)
	}
	return encrypter{name: "age", to: to,
		encrypt: func(from string) []string { return []string{program, "-r", recipient, "-o", to, from} },
		decrypt: func() []string { return []string{program, "-d", "-i", key, to} },
	}, nil
}

// opensslOf returns openssl, which does not authenticate. Its key is always the
// same.
func opensslOf(_ context.Context, program, dir string) (encrypter, error) {
	to := filepath.Join(dir, "openssl.to")
	args := []string{program, "enc", "-aes-256-ctr", "-K", strings.Repeat("42", 32), "-iv", strings.Repeat("24", 16)}
	return encrypter{name: "openssl enc -aes-256-ctr", to: to,
		encrypt: func(from string) []string { return append(args[:len(args):len(args)], "-in", from, "-out", to) },
		decrypt: func() []string { return append(args[:len(args):len(args)], "-d", "-in", to) },
	}, nil
}

// encryptFile makes the encrypted file, and flushes it as the vault does.
func (e encrypter) encryptFile(ctx context.Context, from string) (spent, error) {
	os.Remove(e.to) // before timing: removing an old one takes time
	start := time.Now()
	if err := runQuietly(ctx, io.Discard, e.encrypt(from)); err != nil {
		return spent{}, err
	}
	if err := syncFile(e.to); err != nil {
		return spent{}, err
	}
	return spent{time: time.Since(start)}, nil
}

// decryptFile decrypts the file that was made last, and discards the result.
func (e encrypter) decryptFile(ctx context.Context) (spent, error) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return spent{}, fmt.Errorf("opening %s: %w", os.DevNull, err)
	}
	defer null.Close()
	start := time.Now()
	err = runQuietly(ctx, null, e.decrypt())
	return spent{time: time.Since(start)}, err
}

func runQuietly(ctx context.Context, out io.Writer, args []string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = out, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(args[0]), err, said.String())
	}
	return nil
}

// syncFile flushes a file to the disk.
func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("opening the file that was made: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}
