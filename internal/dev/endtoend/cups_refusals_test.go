//go:build linux

package endtoend

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// noisyPicture is a PDF that stays as large as it is through the filters of CUPS:
// some MB of noise on a page.
func noisyPicture() []byte {
	const side = 1200
	noise := make([]byte, side*side*3)
	_, _ = rand.NewChaCha8([32]byte{5}).Read(noise)
	content := "q 500 0 0 500 50 50 cm /I Do Q"
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>",
		fmt.Sprintf("<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Length %d>>stream\n%s\nendstream", side, side, len(noise), noise),
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(content), content),
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}

// TestNoRefusalLosesAJob prints by a real CUPS what an agent refuses, before
// the document and in it: the job stays in CUPS, and its owner finds a line
// that says why.
func TestNoRefusalLosesAJob(t *testing.T) {
	t.Parallel()
	peers.NeedFile(t, "/usr/lib/cups/filter/pdftopdf")
	peers.NeedRoot(t)
	for name, c := range map[string]struct {
		settings map[string]any
		first    bool // a job is parked before
		doc      []byte
		why      string
	}{
		"too large":                {map[string]any{"MaxJobMB": 1}, false, noisyPicture(), "larger than 1 MB"},
		"more than one person may": {map[string]any{"UserQuotaMB": 2}, false, noisyPicture(), "2 MB together, as much as one person may have"},
		"more than all may":        {map[string]any{"TotalQuotaMB": 2}, false, noisyPicture(), "2 MB together, as much as they may have"},
		"too many jobs":            {map[string]any{"UserJobs": 1}, true, leaflet(1), "1 jobs parked"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.configure(c.settings)
			s.up()
			cups := peers.StartCUPS(t)
			cups.AddQueue(t, "scout", s.ippURL())
			if c.first {
				cups.Run(t, "lp", "-d", "scout", "-t", "first", shared(t, "document", leaflet(1)))
				peers.Await(t, "the first is parked", func() bool { return len(s.jobs()) == 1 })
			}
			id := lpID(t, cups.Run(t, "lp", "-d", "scout", "-t", "refused one", shared(t, "document", c.doc)))
			var line job
			peers.Await(t, "a line says that it was refused", func() bool {
				for _, j := range s.jobs() {
					if j.Title == "refused one" {
						line = j
					}
				}
				return line.State == "refused"
			})
			if !strings.HasPrefix(line.Reason, "refused: ") || !strings.Contains(line.Reason, c.why) {
				t.Errorf("it says %q", line.Reason)
			}
			peers.Await(t, "CUPS has stopped sending it", func() bool {
				return !strings.Contains(cups.Run(t, "lpstat", "-p", "scout"), "now printing")
			})
			if !strings.Contains(cups.Run(t, "lpstat", "-o", "scout"), id+" ") {
				t.Errorf("CUPS has not kept it; completed:\n%s", cups.Run(t, "lpstat", "-W", "completed", "-o", "scout"))
			}
			if r := s.scout("job", "release", line.ID, "--printer", "lobby"); r.code != 1 || !strings.Contains(r.stderr, "print it again") {
				t.Errorf("releasing it: exit %d: %s", r.code, r.stderr)
			}
			if r := s.scout("job", "cancel", line.ID); r.code != 0 || strings.Contains(s.scout("job", "list").stdout, "refused one") {
				t.Errorf("dismissing the line: exit %d: %s", r.code, r.stderr)
			}
		})
	}
}
