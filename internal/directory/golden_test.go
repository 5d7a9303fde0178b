package directory

import (
	"reflect"
	"testing"
	"time"
)

const goldenFingerprint = "psf1:5zzjwufgeypnjomvlg27a4g6ueofohhtop44kwrnn6qoyv5un25q"

// TestGoldenIsWritten holds the writer to testdata/site-v1, byte for byte: all
// of it follows from goldenSecrets.
func TestGoldenIsWritten(t *testing.T) {
	s := goldenSite(t)
	for _, name := range []string{siteName, publicName, directoryName} {
		if got := readFile(t, s.folder.path, name); string(got) != string(readFile(t, "testdata", "site-v1", name)) {
			t.Errorf("%s is written as\n%s", name, got)
		}
	}
}

func goldenSite(t *testing.T) *Site {
	s := newTestSiteOf(t, goldenSecrets())
	mustAdd(t, s, deskPrinter())
	lab := NewPrinter("Büro & Lab", []string{"ipp://[2001:db8::9]:631/ipp/print"}, "", "")
	lab.ID = "lab"
	if err := s.AddPrinter(lab, testTime.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestGoldenIsRead holds the reader to files written long ago.
func TestGoldenIsRead(t *testing.T) {
	s, err := OpenSite("testdata/site-v1", goldenPassword)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Public().Fingerprint(); got != goldenFingerprint {
		t.Errorf("fingerprint %s", got)
	}
	want := &Directory{
		Site:     goldenFingerprint,
		Epoch:    1,
		Revision: 3,
		Issued:   testTime.Add(time.Hour),
		Printers: []Printer{{
			ID:       "desk",
			Name:     "Front desk",
			Location: "Ground floor",
			URIs:     []string{"ipps://10.0.0.9/ipp/print", "ipp://10.0.0.9/ipp/print"},
			Pin:      "sha256:LHDhK3oGRvkiefQnx7OOczTY5Tic/xZ6HcMOc/gmtoM=",
			Floor:    GradePinned,
			Formats:  []string{"application/pdf"},
		}, {
			ID:    "lab",
			Name:  "Büro & Lab",
			URIs:  []string{"ipp://[2001:db8::9]:631/ipp/print"},
			Floor: GradeIPP,
		}},
	}
	if !reflect.DeepEqual(s.Directory(), want) {
		t.Errorf("directory %+v", s.Directory())
	}
}
