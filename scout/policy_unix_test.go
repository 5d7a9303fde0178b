//go:build unix

package scout

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/printscout/printscout/internal/settings"
)

// policyFolder is a policy that the test writes, with a configuration file below
// it that says what a rig's settings say.
type policyFolder struct {
	sources settings.Sources
	err     error // of the next readings
}

func newPolicyFolder(t *testing.T, r *rig) *policyFolder {
	t.Helper()
	r.must(os.Chmod(r.dir, 0o755))
	p := &policyFolder{sources: settings.Sources{PolicyFolder: filepath.Join(r.dir, "policy.d"), File: filepath.Join(r.dir, "config.json"), Owner: os.Getuid()}}
	r.must(os.Mkdir(p.sources.PolicyFolder, 0o755))
	r.must(os.WriteFile(p.sources.File, []byte(`{"StateDir": "`+filepath.Join(r.dir, "state")+`", "JobRetention": "1h"}`), 0o600))
	return p
}

func (p *policyFolder) file() string { return filepath.Join(p.sources.PolicyFolder, "10-test.json") }

// write replaces the policy.
func (p *policyFolder) write(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(p.file(), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (p *policyFolder) load() (*settings.Settings, error) {
	if p.err != nil {
		return nil, p.err
	}
	return p.sources.Load()
}
