package settings

import (
	"strings"
	"testing"

	"golang.org/x/sys/windows/registry"
)

func writePolicyKey(t *testing.T, s *Sources, values map[string]any) {
	s.PolicyKey = `HKCU\SOFTWARE\PrintScoutTest\Policies`
	writeKey(t, s.PolicyKey, values)
}

func writeInstallerKey(t *testing.T, s *Sources, values map[string]any) {
	s.InstallerKey = `HKCU\SOFTWARE\PrintScoutTest\Installer`
	writeKey(t, s.InstallerKey, values)
}

// writeKey replaces a key of the real registry by values; nil: by nothing.
func writeKey(t *testing.T, path string, values map[string]any) {
	t.Helper()
	path = strings.TrimPrefix(path, `HKCU\`)
	registry.DeleteKey(registry.CURRENT_USER, path)
	if values == nil {
		return
	}
	k, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.SET_VALUE|registry.WOW64_64KEY)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	t.Cleanup(func() { registry.DeleteKey(registry.CURRENT_USER, path) })
	for _, e := range entriesOf(values) {
		switch e.kind {
		case regSZ:
			err = k.SetStringValue(e.name, e.text)
		case regDWORD:
			err = k.SetDWordValue(e.name, uint32(e.number))
		case regMultiSZ:
			err = k.SetStringsValue(e.name, e.list)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestRegistryTypes reads each type that the real registry has.
func TestRegistryTypes(t *testing.T) {
	const path = `SOFTWARE\PrintScoutTest\Types`
	k, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.SET_VALUE|registry.WOW64_64KEY)
	if err != nil {
		t.Fatal(err)
	}
	defer registry.DeleteKey(registry.CURRENT_USER, path)
	defer k.Close()
	k.SetStringValue("PrinterName", "a")
	k.SetExpandStringValue("PrinterLocation", "%SystemRoot%")
	k.SetExpandStringValue("ManagedBy", "b")
	k.SetDWordValue("Port", 1)
	k.SetQWordValue("UserJobs", 2)
	k.SetQWordValue("MinFreeMB", 1<<63)
	k.SetStringsValue("PrinterResources", []string{"raster"})
	k.SetBinaryValue("LogLevel", []byte{1})
	s := load(t, &Sources{PolicyKey: `HKCU\` + path})
	if s.PrinterName != "a" || s.ManagedBy != "b" || s.Port != 1 || s.UserJobs != 2 || s.PrinterResources[0] != "raster" {
		t.Errorf("%+v", s.Values)
	}
	if len(s.Warnings) != 3 {
		t.Errorf("problems: %q", s.Warnings)
	}
}
