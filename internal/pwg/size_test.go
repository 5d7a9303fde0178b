package pwg

import (
	"strings"
	"testing"
)

func TestSizeOf(t *testing.T) {
	for name, want := range map[string]Size{
		"iso_a4_210x297mm": {21000, 29700}, "ISO_A4_210x297mm": {21000, 29700}, "na_letter_8.5x11in": {21590, 27940},
		"custom_x_10.25x20.5mm": {1025, 2050}, "na_number-10_4.125x9.5in": {10478, 24130},
		"iso-a4": {21000, 29700}, "iso-a4-white": {21000, 29700}, "A4": {21000, 29700}, "Letter": {21590, 27940}, "na-letter-colored": {21590, 27940},
		"": {}, "a4-": {}, "labels": {}, "iso_a4": {}, "210x297mm": {}, "_210x297mm": {}, "iso_a4_210x297": {}, "iso_a4_210x297cm": {},
		"iso_a4_x297mm": {}, "iso_a4_210xmm": {}, "iso_a4_0x297mm": {}, "iso_a4_-210x297mm": {}, "iso_a4_1e2x297mm": {}, "iso_a4_1.2.3x297mm": {},
		"iso_a4_infx297mm": {}, "iso_a4_210x99999999999mm": {}, "iso_a4_210x297x3mm": {}, "iso_a4_0x10x297mm": {},
		"custom_min_76x127mm": {}, "custom_max_216x356mm": {}, "iso_a4_more_210x297mm": {},
		"om_" + strings.Repeat("x", 255) + "_210x297mm": {},
	} {
		if got, ok := SizeOf(name); ok != (want != Size{}) || ok && got != want {
			t.Errorf("%.40q: %v, %v", name, got, ok)
		}
	}
}

// Every name of the table stands for a paper that tells its size.
func TestPaperNames(t *testing.T) {
	for name, means := range olderNames {
		if _, ok := SizeIn(means); !ok || strings.ToLower(name) != name {
			t.Errorf("%q means %q", name, means)
		}
	}
}

// FuzzSizeOf: a size is of this world, and its own name tells the same one.
func FuzzSizeOf(f *testing.F) {
	for _, s := range []string{"iso_a4_210x297mm", "na_number-10_4.125x9.5in", "Letter", "iso-a4-white", "custom_min_76x127mm", "a_b_.xmm", "a_b_1.5x.5in"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		s, ok := SizeOf(name)
		if !ok {
			return
		}
		if s.X < 1 || s.Y < 1 || s.X > LargestSide || s.Y > LargestSide {
			t.Errorf("%+v", s)
		}
		if again, ok := SizeOf(s.CustomName()); !ok || again != s {
			t.Errorf("%+v is called %s, which is %+v", s, s.CustomName(), again)
		}
	})
}
