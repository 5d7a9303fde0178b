package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// shells are those whose completion is packaged.
var shells = []string{"bash", "fish", "zsh"}

// stageFiles makes what the packages have besides the binary and files of the
// source: manual pages, completion, change log, licenses of libraries.
func (b *bundle) stageFiles(ctx context.Context) error {
	host, err := b.hostBinary(ctx)
	if err != nil {
		return err
	}
	for _, dir := range []string{"man", "completion"} {
		if err := os.Mkdir(filepath.Join(b.stage, dir), 0o755); err != nil {
			return err
		}
	}
	if err := b.stageManuals(ctx, host); err != nil {
		return err
	}
	for _, shell := range shells {
		text, err := exec.CommandContext(ctx, host, "generate", "completion", shell).Output()
		if err != nil {
			return fmt.Errorf("writing the completion for %s: %w", shell, err)
		}
		if err := os.WriteFile(filepath.Join(b.stage, "completion", shell), text, 0o644); err != nil {
			return err
		}
	}
	changes, err := b.debianChangelog()
	if err != nil {
		return err
	}
	if err := writeCompressed(filepath.Join(b.stage, "changelog.gz"), changes); err != nil {
		return err
	}
	licenses, err := b.licenses(ctx)
	if err != nil {
		return err
	}
	return writeCompressed(filepath.Join(b.stage, "LICENSES.gz"), licenses)
}

func (b *bundle) stageManuals(ctx context.Context, host string) error {
	plain := filepath.Join(b.stage, "man-plain")
	if err := os.Mkdir(plain, 0o755); err != nil {
		return err
	}
	if err := runQuiet(exec.CommandContext(ctx, host, "generate", "man", plain)); err != nil {
		return err
	}
	pages, err := os.ReadDir(plain)
	if err != nil {
		return err
	}
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join(plain, page.Name()))
		if err != nil {
			return err
		}
		if err := writeCompressed(filepath.Join(b.stage, "man", page.Name()+".gz"), text); err != nil {
			return err
		}
	}
	return nil
}

// writeCompressed writes what gzip -9n would: neither name nor time.
func writeCompressed(path string, text []byte) error {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, packed.Bytes(), 0o644)
}
