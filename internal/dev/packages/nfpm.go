package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// scriptsOf are the maintainer scripts of each format: nfpm's name for them, and
// the file.
var scriptsOf = map[string][][2]string{
	"deb": {{"postinstall", "postinst"}, {"preremove", "prerm"}, {"postremove", "postrm"}},
	"rpm": {{"postinstall", "post"}, {"preremove", "preun"}, {"postremove", "postun"}},
	"apk": {{"postinstall", "post-install"}, {"preremove", "pre-deinstall"}},
}

var placeholder = regexp.MustCompile(`\$\{([A-Z]+)\}`)

// runPackager has nfpm make one package.
func (b *bundle) runPackager(ctx context.Context, format, to string) error {
	if err := b.stageScripts(format); err != nil {
		return err
	}
	config, err := b.packagerConfig(format)
	if err != nil {
		return err
	}
	path := filepath.Join(b.stage, "nfpm-"+format+".yaml")
	if err := os.WriteFile(path, []byte(config), 0o644); err != nil {
		return err
	}
	c := exec.CommandContext(ctx, filepath.Join(b.tools, "nfpm"), "package", "--config", path, "--packager", format, "--target", to)
	c.Dir = b.source
	c.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", b.epoch))
	return runQuiet(c)
}

// packagerConfig returns the product's nfpm.yaml for one format.
func (b *bundle) packagerConfig(format string) (string, error) {
	text, err := os.ReadFile(filepath.Join(b.source, "installer", "packages", b.product, "nfpm.yaml"))
	if err != nil {
		return "", err
	}
	values := map[string]string{
		"ARCH":       b.arch,
		"VERSION":    b.number.of(format),
		"RELEASE":    map[string]string{"rpm": "1", "apk": "0"}[format],
		"LICENSE":    "Apache-2.0",
		"MAINTAINER": maintainer,
		"MTIME":      time.Unix(b.epoch, 0).UTC().Format(time.RFC3339),
		"STAGE":      b.stage,
		"SCRIPTS":    b.scripts(format),
	}
	if format == "deb" {
		values["LICENSE"] = "" // Debian's control file has no such field
	}
	var unknown error
	config := placeholder.ReplaceAllStringFunc(string(text), func(name string) string {
		v, ok := values[strings.Trim(name, "${}")]
		if !ok {
			unknown = fmt.Errorf("nfpm.yaml of %s names %s, which has no value", b.product, name)
		}
		return v
	})
	return config, unknown
}

// scripts returns the value of nfpm's field of that name.
func (b *bundle) scripts(format string) string {
	var all []string
	for _, s := range scriptsOf[format] {
		all = append(all, fmt.Sprintf("%s: %s", s[0], filepath.Join(b.stage, format, s[1])))
	}
	return "{" + strings.Join(all, ", ") + "}"
}

// stageScripts copies the maintainer scripts of a format. The copies have the time of
// the commit, which nfpm takes over into an apk.
func (b *bundle) stageScripts(format string) error {
	to := filepath.Join(b.stage, format)
	if err := os.CopyFS(to, os.DirFS(filepath.Join(b.source, "installer", "packages", b.product, format))); err != nil {
		return err
	}
	scripts, err := os.ReadDir(to)
	if err != nil {
		return err
	}
	when := time.Unix(b.epoch, 0)
	for _, s := range scripts {
		if err := os.Chtimes(filepath.Join(to, s.Name()), when, when); err != nil {
			return err
		}
	}
	return nil
}
