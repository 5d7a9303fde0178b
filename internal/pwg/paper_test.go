package pwg

import (
	"math"
	"strings"
	"testing"
)

// TestPapersOfLanguages: the same sheet under the name that each language has.
func TestPapersOfLanguages(t *testing.T) {
	for _, m := range Papers {
		if got := OfSize(float64(m.Size().X), float64(m.Size().Y)); got != m.Name {
			t.Errorf("%s by its size: %q", m.Name, got)
		}
		if got := OfSize(float64(m.Size().Y)+NearMeasured, float64(m.Size().X)-NearMeasured); got != m.Name {
			t.Errorf("%s lying, nearly: %q", m.Name, got)
		}
		for _, name := range []string{m.PPD, strings.ToLower(m.PPD), m.PPD + "Rotated", m.PPD + "Small"} {
			if got := OfPPD(name); got != m.Name {
				t.Errorf("%s by %q: %q", m.Name, name, got)
			}
		}
		if got := OfPCL(m.PCL); m.PCL >= 0 && got != m.Name || m.PCL < 0 && got != "" {
			t.Errorf("%s by %d of PCL 5: %q", m.Name, m.PCL, got)
		}
		if got := OfPCLXL(m.PCLXL); m.PCLXL >= 0 && got != m.Name || m.PCLXL < 0 && got != "" {
			t.Errorf("%s by %d of PCL XL: %q", m.Name, m.PCLXL, got)
		}
		if !IsName(m.Name) {
			t.Errorf("%s is no name", m.Name)
		}
	}
	for _, c := range []struct {
		width, height float64
		want          string
	}{
		{595, 842, "iso_a4_210x297mm"}, {842, 595, "iso_a4_210x297mm"}, {612, 792, "na_letter_8.5x11in"},
		{72, 144, "custom_25.4x50.8mm_25.4x50.8mm"}, {0, 842, ""}, {595, -842, ""}, {1e9, 842, ""},
		{math.NaN(), 842, ""}, {math.Inf(1), 842, ""},
	} {
		if got := OfSize(c.width*2540/72, c.height*2540/72); got != c.want {
			t.Errorf("%v x %v: %q, want %q", c.width, c.height, got, c.want)
		}
	}
	for name, want := range map[string]bool{
		"iso_a4_210x297mm": true, "custom_x_1x2mm": true, "iso_a4": false, "ISO_A4_210x297mm": false, "iso_a4_210mm": false, "a_b_1x2\n": false, "": false,
	} {
		if IsName(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
	if OfPPD("") != "" || OfPCL(-1) != "" || OfPCLXL(-1) != "" || OfPCL(9999) != "" {
		t.Error("what is no sheet has a name")
	}
}
