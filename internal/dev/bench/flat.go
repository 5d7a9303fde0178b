package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/printscout/printscout/vault"
)

// childVariable makes this program seal and open that many bytes in its working
// directory, print its peak memory, and end.
const childVariable = "PRINTSCOUT_BENCH_CHILD"

// runAsChild does that if the variable is set, and reports whether it is.
func runAsChild(out io.Writer) (done bool, err error) {
	text := os.Getenv(childVariable)
	if text == "" {
		return false, nil
	}
	size, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return true, fmt.Errorf("reading %s: %w", childVariable, err)
	}
	if err := sealAndOpen("vault", size); err != nil {
		return true, err
	}
	_, peak, err := residentMemory(os.Getpid())
	fmt.Fprintln(out, peak)
	return true, err
}

// sealAndOpen seals and opens an incompressible document, which is generated while
// it is read.
func sealAndOpen(dir string, size int64) error {
	key, err := vault.GenerateKey()
	if err != nil {
		return err
	}
	v, err := vault.Open(dir, vault.Options{Key: key})
	if err != nil {
		return err
	}
	defer v.Close()
	w, err := v.Create(nil)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.Copy(w, io.LimitReader(rand.NewChaCha8([32]byte{2}), size)); err != nil {
		return err
	}
	job, err := w.Commit(nil)
	if err != nil {
		return err
	}
	d, err := v.Document(job.ID, 0)
	if err != nil {
		return err
	}
	defer d.Close()
	n, err := io.Copy(io.Discard, d)
	if err == nil && n != size {
		err = fmt.Errorf("%d of %d bytes came out", n, size)
	}
	return err
}

// measureVaultMemory measures the memory of processes that seal and open a document
// of very different sizes.
func (m *measurement) measureVaultMemory(ctx context.Context) error {
	if _, _, err := residentMemory(os.Getpid()); err != nil {
		return nil // measureAgentMemory has noted it
	}
	var first float64
	for i, n := range m.grown {
		peak, err := m.childPeak(ctx, n)
		if err != nil {
			return err
		}
		if i == 0 {
			first = peak
		}
		m.logDone("memory with %s", formatSize(n))
		m.report.addFigure("memory of a process that seals and opens "+formatSize(n), peak/mB, "MB", 64)
		if i == len(m.grown)-1 {
			m.report.addFigure("the same, against "+formatSize(m.grown[0]), peak/first, "times", 0)
		}
	}
	return nil
}

// childPeak returns the peak memory of a separate process in bytes.
func (m *measurement) childPeak(ctx context.Context, n int64) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("finding this program: %w", err)
	}
	dir := filepath.Join(m.dir, "flat")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return 0, fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, self)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), fmt.Sprintf("%s=%d", childVariable, n))
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("sealing %s in a process of its own: %w: %s", formatSize(n), err, said.String())
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}
