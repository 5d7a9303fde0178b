package directory

import (
	"bytes"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/installation"
)

const goldenFingerprint = "psf1:5zzjwufgeypnjomvlg27a4g6ueofohhtop44kwrnn6qoyv5un25q"

const goldenSecond = "psf1:dgj22dttqorgwlzg2yoybcejfxkilgqn3mmpjwgtx7n7hqjzxgya"

// goldenSites is where the golden folders are; the tests of the binaries use them too.
const goldenSites = "../../testdata/sites"

// TestGoldenIsWritten holds the writer to the folders in testdata, byte for
// byte: all of them follow from goldenSecrets and goldenRotation.
func TestGoldenIsWritten(t *testing.T) {
	s := goldenSite(t)
	sameFolder(t, s, "v2")
	next, err := s.folder.rotateRoot(goldenRotation(), testTime.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	sameFolder(t, next, "v2-epoch-2")
}

func sameFolder(t *testing.T, s *Site, golden string) {
	t.Helper()
	for _, name := range []string{siteName, publicName, directoryName} {
		if got := readFile(t, s.folder.path, name); string(got) != string(readFile(t, goldenSites, golden, name)) {
			t.Errorf("%s of %s is written as\n%s", name, golden, got)
		}
	}
}

// TestGoldenRotationIsRead opens the second epoch, and follows it from the first.
func TestGoldenRotationIsRead(t *testing.T) {
	s, err := OpenSite(goldenSites+"/v2-epoch-2", goldenPassword)
	if err != nil {
		t.Fatal(err)
	}
	if p := s.Public(); p.Fingerprint() != goldenSecond || p.Epoch != 2 || s.Directory().Revision != 4 {
		t.Errorf("%s, epoch %d, revision %d", p.Fingerprint(), p.Epoch, s.Directory().Revision)
	}
	first, err := LoadPublic(goldenSites + "/v2")
	if err != nil {
		t.Fatal(err)
	}
	d, now, err := Lineage{first}.Accept(envelopeOf(t, s))
	if err != nil || len(now) != 2 || now[1].Fingerprint() != goldenSecond || len(d.Printers) != 2 {
		t.Errorf("%+v, %+v, %v", d, now, err)
	}
	key, err := s.WrapKey(1)
	if err != nil || !bytes.Equal(key.PublicKey().Bytes(), first.Wrap) {
		t.Errorf("the wrap key of the first epoch: %v", err)
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
	s, err := OpenSite(goldenSites+"/v2", goldenPassword)
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

// TestSitesOfEarlierVersions are opened, changed, and opened again.
func TestSitesOfEarlierVersions(t *testing.T) {
	for _, version := range installation.Versions {
		t.Run(version, func(t *testing.T) {
			dir := installation.Copy(t, version)
			password := strings.TrimSpace(string(readFile(t, dir, installation.PasswordFile)))
			path := filepath.Join(dir, installation.Site)
			s, err := OpenSite(path, password)
			if err != nil {
				t.Fatal(err)
			}
			printers, revision := s.Directory().Printers, s.Directory().Revision
			if len(printers) != 1 || printers[0].Name != "demo" || printers[0].Pin == "" {
				t.Errorf("printers %+v", printers)
			}
			mustAdd(t, s, deskPrinter())
			s, err = OpenSite(path, password)
			if err != nil || len(s.Directory().Printers) != 2 || s.Directory().Revision != revision+1 {
				t.Errorf("after a change: %+v, %v", s, err)
			}
		})
	}
}
