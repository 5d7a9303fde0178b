package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// bundle is all that is made of one program for one processor.
type bundle struct {
	*packaging
	product string
	arch    string
	stage   string // what is packaged and is not in the source
	made    string // where packages go
}

func (b *bundle) binary() string { return filepath.Join(b.stage, b.product) }

func (b *bundle) make(ctx context.Context) error {
	if err := os.MkdirAll(b.stage, 0o755); err != nil {
		return err
	}
	if err := b.build(ctx, b.binary(), "linux", b.arch); err != nil {
		return err
	}
	if err := b.stageFiles(ctx); err != nil {
		return err
	}
	components, err := b.components(ctx)
	if err != nil {
		return err
	}
	for _, format := range b.formats {
		name := b.fileName(format)
		b.log("%s", name)
		if format == "tar.gz" {
			err = b.writeArchive(filepath.Join(b.made, name))
		} else {
			err = b.runPackager(ctx, format, filepath.Join(b.made, name))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := b.writeComponents(components, name); err != nil {
			return err
		}
	}
	return b.writeExploitability(ctx)
}

// machines are the names of processors in rpm and apk.
var machines = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// fileName returns what each format's own tools would call the package.
func (b *bundle) fileName(format string) string {
	v := b.number.of(format)
	switch format {
	case "deb":
		return fmt.Sprintf("%s_%s_%s.deb", b.product, v, b.arch)
	case "rpm":
		return fmt.Sprintf("%s-%s-1.%s.rpm", b.product, v, machines[b.arch])
	case "apk":
		return fmt.Sprintf("%s-%s-r0.%s.apk", b.product, v, machines[b.arch])
	}
	return fmt.Sprintf("%s-%s-linux-%s.%s", b.product, v, b.arch, format)
}

// build builds the program. The folder and the repository leave no trace in the
// binary, so that a copy of the source gives the same bytes.
func (b *bundle) build(ctx context.Context, to, system, arch string) error {
	const number = "github.com/printscout/printscout/internal/version"
	flags := fmt.Sprintf("-s -w -X %s.Number=%s -X %s.Commit=%s", number, b.number, number, b.commit)
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", to, "./cmd/"+b.product)
	c.Dir = b.source
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch, "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOWORK=off")
	return runQuiet(c)
}

// hostBinary returns the program in a form that runs here, which writes the manual
// pages and the completion of every processor's package.
func (b *bundle) hostBinary(ctx context.Context) (string, error) {
	if runtime.GOOS == "linux" && runtime.GOARCH == b.arch {
		return b.binary(), nil
	}
	host := filepath.Join(filepath.Dir(b.stage), runtime.GOOS+"-"+runtime.GOARCH)
	if _, err := os.Stat(host); err == nil {
		return host, nil
	}
	return host, b.build(ctx, host, runtime.GOOS, runtime.GOARCH)
}

// runQuiet runs a command, whose output is in the error if it fails.
func runQuiet(c *exec.Cmd) error {
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(c.Path), err, strings.TrimSpace(string(out)))
	}
	return nil
}
