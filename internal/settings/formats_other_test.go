//go:build !windows

package settings

import "testing"

func writePolicyKey(_ *testing.T, s *Sources, values map[string]any) {
	s.PolicyKey = `HKLM\SOFTWARE\Policies\PrintScout`
	fakeKeys{}.write(s, s.PolicyKey, values)
}

func writeInstallerKey(_ *testing.T, s *Sources, values map[string]any) {
	s.InstallerKey = `HKLM\SOFTWARE\PrintScout`
	fakeKeys{}.write(s, s.InstallerKey, values)
}
