package peers

import (
	"bytes"
	"debug/pe"
	"testing"
)

// TestForwarderIsALibrary reads one back; that Windows takes it, the tests
// under Wine show.
func TestForwarderIsALibrary(t *testing.T) {
	f, err := pe.NewFile(bytes.NewReader(forwarderDLL("a.dll", "Function", "b.Other")))
	if err != nil {
		t.Fatal(err)
	}
	if f.Characteristics&pe.IMAGE_FILE_DLL == 0 || len(f.Sections) != 1 {
		t.Fatalf("%+v", f.FileHeader)
	}
	exports, err := f.Sections[0].Data()
	if err != nil || !bytes.Contains(exports, []byte("a.dll\x00Function\x00b.Other\x00")) {
		t.Fatalf("%q, %v", exports, err)
	}
}
