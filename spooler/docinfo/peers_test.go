package docinfo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// program returns a PostScript program of n pages with a word on each, in color
// on the last.
func program(n int, color bool) string {
	paint := ""
	if color {
		paint = fmt.Sprintf("%d eq { 1 0 0 setrgbcolor } if", n)
	} else {
		paint = "pop"
	}
	return fmt.Sprintf("%%!\n/Helvetica findfont 20 scalefont setfont\n1 1 %d { dup %s 72 700 moveto (page ) show 10 string cvs show showpage } for\n", n, paint)
}

// ghostscript prints the program with one of its drivers.
func ghostscript(tb testing.TB, driver, program string, options ...string) []byte {
	tb.Helper()
	gs := peers.Need(tb, "gs")
	dir := tb.TempDir()
	in, out := filepath.Join(dir, "in.ps"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, []byte(program), 0o600); err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	args := append([]string{"-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-r36", "-sPAPERSIZE=a4", "-sDEVICE=" + driver, "-sOutputFile=" + out}, options...)
	if said, err := exec.CommandContext(ctx, gs, append(args, in)...).CombinedOutput(); err != nil {
		tb.Fatalf("gs %s: %v\n%s", driver, err, said)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// drivers lists the devices that Ghostscript was built with.
func drivers(tb testing.TB) []string {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), peers.Need(tb, "gs"), "-h").Output()
	if err != nil {
		tb.Fatal(err)
	}
	return regexp.MustCompile(`[a-z0-9]+`).FindAllString(string(out), -1)
}

// all returns what Tap and Examine say of a file together.
func all(tb testing.TB, file []byte) Info {
	tb.Helper()
	i := tapped(file, 32<<10)
	if !IsExamined(i.Format) {
		return i
	}
	examined, err := Examine(tb.Context(), bytes.NewReader(file), int64(len(file)), i.Format)
	if err != nil {
		tb.Errorf("%v", err)
	}
	return examined.Or(i)
}

var made = []struct {
	driver, format string
	options        []string
	most           int // pages that the driver writes into one file, 0: any number
	color          string
	media          string
}{
	{"pdfwrite", FormatPDF, nil, 0, ColorUnknown, a4},
	{"pdfwrite", FormatPDF, []string{"-dFastWebView=true"}, 0, ColorUnknown, a4},
	{"pdfwrite", FormatPDF, []string{"-sOwnerPassword=a", "-sUserPassword=b", "-dEncryptionR=3", "-dKeyLength=128"}, 0, ColorUnknown, a4},
	{"pwgraster", FormatPWG, rgb, 0, InColor, a4},
	{"pwgraster", FormatPWG, nil, 0, InMonochrome, a4},
	{"urf", FormatURF, nil, 0, InMonochrome, a4},
	{"pxlmono", FormatPCLXL, nil, 0, InMonochrome, a4},
	{"pxlcolor", FormatPCLXL, nil, 0, InColor, a4},
	{"ljet4", FormatPCL, nil, 0, InMonochrome, a4},
	{"ljet4d", FormatPCL, nil, 0, InMonochrome, a4},
	{"ljet4pjl", FormatPCL, nil, 0, InMonochrome, a4},
	{"laserjet", FormatPCL, nil, 0, InMonochrome, ""},
	{"cljet5c", FormatPCL, nil, 0, InColor, a4},
	{"ps2write", FormatPostScript, nil, 0, ColorUnknown, ""},
	{"jpeg", FormatJPEG, nil, 1, InColor, ""},
	{"jpeggray", FormatJPEG, nil, 1, InMonochrome, ""},
	{"png16m", FormatPNG, nil, 1, ColorUnknown, ""},
	{"tiffg4", FormatTIFF, nil, 0, InMonochrome, ""},
	{"tiff24nc", FormatTIFF, nil, 0, InColor, ""},
	{"pclm", FormatPCLm, nil, 0, ColorUnknown, a4},
	{"xpswrite", FormatXPS, nil, 0, ColorUnknown, ""},
}

// rgb returns eight bits of each of three colors.
var rgb = []string{"-dcupsColorSpace=19", "-dcupsBitsPerColor=8", "-dcupsColorOrder=0", "-dcupsBitsPerPixel=24"}

const a4 = "iso_a4_210x297mm"

// TestPagesOfGhostscript: every format that is exact, of what a real program
// makes.
func TestPagesOfGhostscript(t *testing.T) {
	built := drivers(t)
	for _, n := range []int{1, 2, 17, 200} {
		for _, m := range made {
			if m.most > 0 && n > m.most {
				continue // it writes one page into a file
			}
			t.Run(fmt.Sprintf("%s/%d", m.driver, n), func(t *testing.T) {
				if !slices.Contains(built, m.driver) {
					peers.Missing(t, "Ghostscript's driver "+m.driver)
				}
				i := all(t, ghostscript(t, m.driver, program(n, true), m.options...))
				if i.Format != m.format || pageCount(i) != n || i.Certainty != Exact || i.Color != m.color || i.Media != m.media {
					t.Errorf("%s", asJSON(i))
				}
			})
		}
	}
}

func TestColorIsThatOfThePixels(t *testing.T) {
	if i := all(t, ghostscript(t, "pwgraster", program(3, false), rgb...)); i.Color != InMonochrome || pageCount(i) != 3 {
		t.Errorf("%s", asJSON(i))
	}
}

func TestSidesOfGhostscript(t *testing.T) {
	for driver, c := range map[string]struct {
		want    string
		options []string
	}{
		"pwgraster": {TwoSidedShortEdge, []string{"-dDuplex=true", "-dTumble=true"}},
		"ljet4d":    {TwoSidedLongEdge, nil},
		"pxlmono":   {TwoSidedLongEdge, []string{"-dDuplex=true"}},
	} {
		i := all(t, ghostscript(t, driver, program(3, false), c.options...))
		if i.Sides != c.want {
			t.Errorf("%s: %s", driver, asJSON(i))
		}
	}
}

// TestFilesOfCUPS: what the filters of a CUPS queue make of a PDF.
func TestFilesOfCUPS(t *testing.T) {
	pdf := filepath.Join(t.TempDir(), "in.pdf")
	if err := os.WriteFile(pdf, ghostscript(t, "pdfwrite", program(17, true)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ filter, format string }{{"pdftopdf", FormatPDF}, {"pdftops", FormatPostScript}} {
		filter := peers.NeedFile(t, "/usr/lib/cups/filter/"+c.filter)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, filter, "1", "user", "a title", "1", "", pdf)
		cmd.Env = append(os.Environ(), "PPD=")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", c.filter, err)
		}
		if i := all(t, out); i.Format != c.format || pageCount(i) != 17 || i.Certainty != Exact {
			t.Errorf("%s: %s", c.filter, asJSON(i))
		}
	}
}

// TestDocumentsInPieces: the same whole, byte by byte, and cut off anywhere.
func TestDocumentsInPieces(t *testing.T) {
	built := drivers(t)
	for _, m := range made {
		t.Run(m.driver, func(t *testing.T) {
			if !slices.Contains(built, m.driver) {
				peers.Missing(t, "Ghostscript's driver "+m.driver)
			}
			t.Parallel()
			file := ghostscript(t, m.driver, program(min(2, max(1, m.most)), true))
			whole := tapped(file, len(file))
			for _, n := range []int{1, 997, 1796} {
				if got := tapped(file, n); !same(got, whole) {
					t.Errorf("in pieces of %d %s, whole %s", n, asJSON(got), asJSON(whole))
				}
			}
			for cut := 0; cut < len(file); cut += max(997, len(file)/300/997*997) {
				i := tapped(file[:cut], 32<<10)
				if pageCount(i) > pageCount(whole) && pageCount(whole) > 0 {
					t.Fatalf("cut at %d: %s", cut, asJSON(i))
				}
				if IsExamined(m.format) {
					Examine(t.Context(), bytes.NewReader(file[:cut]), int64(cut), m.format)
				}
			}
		})
	}
}
