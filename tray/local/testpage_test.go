package local

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

var update = flag.Bool("update", false, "write testpage.pdf anew")

// testLines are what the page says, in letters that the fonts every reader of
// PDF has can write.
var testLines = []struct {
	size int
	text string
}{
	{28, "Print Scout"},
	{14, "This is a test page. It was parked on your computer until you released it."},
	{14, "Dies ist eine Testseite. Sie lag auf Ihrem Computer, bis Sie sie freigegeben haben."},
	{14, "Ceci est une page de test. Elle est restée sur votre ordinateur jusqu’à sa libération."},
	{14, "Esta es una página de prueba. Quedó en su equipo hasta que usted la liberó."},
}

// makeTestPage writes one page of A4 with these lines and a frame near the edge.
func makeTestPage() []byte {
	var content strings.Builder
	content.WriteString("1 w 28 28 539 786 re S\nBT\n50 760 Td\n")
	for _, l := range testLines {
		fmt.Fprintf(&content, "/F1 %d Tf 0 -%d Td (%s) Tj\n", l.size*12/14, l.size*2, winAnsi(l.text))
	}
	content.WriteString("ET\n")
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R/Lang(en)>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%sendstream", content.Len(), content.String()),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
		"<</Title(" + testTitle + ")/Producer(Print Scout)>>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R/Info 6 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

// winAnsi writes a text in octal escapes where it is not ASCII (ISO 32000-1,
// Annex D.2).
func winAnsi(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '’':
			b.WriteString(`\222`)
		case r == '(' || r == ')' || r == '\\':
			b.WriteString("\\" + string(r))
		case r < 0x80:
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\%03o`, r) // Latin-1
		}
	}
	return b.String()
}

func TestTestPageIsWhatIsMadeHere(t *testing.T) {
	want := makeTestPage()
	if *update {
		if err := os.WriteFile("testpage.pdf", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(testPage, want) {
		t.Error("testpage.pdf is another: go test ./tray/local -run TestPage -update")
	}
}

// TestTestPageCanBeRead asks two readers of others.
func TestTestPageCanBeRead(t *testing.T) {
	out, err := exec.Command(peers.Need(t, "pdfinfo"), "testpage.pdf").CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("Pages:           1\n")) || !bytes.Contains(out, []byte("A4")) {
		t.Errorf("pdfinfo: %v\n%s", err, out)
	}
	if out, err := exec.Command(peers.Need(t, "qpdf"), "--check", "testpage.pdf").CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
	out, err = exec.Command(peers.Need(t, "pdftotext"), "testpage.pdf", "-").Output()
	for _, l := range testLines {
		if err != nil || !bytes.Contains(out, []byte(l.text)) {
			t.Errorf("pdftotext does not read %q: %v\n%s", l.text, err, out)
		}
	}
}
