package docinfo

import (
	"fmt"
	"strings"
	"testing"
)

// TestPCLXLTokens: what counts as a page, and what is gone over.
func TestPCLXLTokens(t *testing.T) {
	const page = "\x43\x44" // BeginPage, EndPage
	for body, want := range map[string]string{
		page:                                      "1 exact, copies 0, , monochrome",
		page + page + page:                        "3 exact, copies 0, , monochrome",
		"":                                        "0 unknown, copies 0, , monochrome",
		"\x43":                                    "1 estimated, copies 0, , monochrome",
		"\x43\x43\x44":                            "2 estimated, copies 0, , monochrome",
		" \r\n\t\x00" + page:                      "1 exact, copies 0, , monochrome",
		"\xc0\x03\xf8\x31" + page:                 "1 exact, copies 3, , monochrome",
		"\xc1\x03\x00\xf8\x31" + page:             "1 exact, copies 3, , monochrome",
		"\xc2\x03\x00\x00\x00\xf8\x31" + page:     "1 exact, copies 3, , monochrome",
		"\xc2\xff\xff\xff\xff\xf8\x31" + page:     "1 exact, copies 0, , monochrome",
		"\xc3\x03\x00\xf8\x31" + page:             "1 exact, copies 0, , monochrome",
		"\xc0\x00\xf8\x34" + page:                 "1 exact, copies 0, one-sided, monochrome",
		"\xc0\x00\xf8\x35" + page:                 "1 exact, copies 0, two-sided-short-edge, monochrome",
		"\xc0\x01\xf8\x35" + page:                 "1 exact, copies 0, two-sided-long-edge, monochrome",
		"\xd1\x43\x43\x43\x43" + page:             "1 exact, copies 0, , monochrome",
		"\xe1" + strings.Repeat("\x43", 8) + page: "1 exact, copies 0, , monochrome",
		"\xc8\xc0\x05CCCCC" + page:                "1 exact, copies 0, , monochrome",
		"\xc8\xc1\x05\x00CCCCC" + page:            "1 exact, copies 0, , monochrome",
		"\xc8\xc1\xe8\x03" + strings.Repeat("C", 1000) + page: "1 exact, copies 0, , monochrome",
		"\xc8\xc2\x05" + page:                     "0 unknown, copies 0, , monochrome",
		"\xc6" + page:                             "0 unknown, copies 0, , monochrome",
		"\xd8" + page:                             "0 unknown, copies 0, , monochrome",
		"\xfa\x04\x00\x00\x00CCCC" + page:         "1 exact, copies 0, , monochrome",
		"\xfb\x04CCCC" + page:                     "1 exact, copies 0, , monochrome",
		"\xf9\x00\x31" + page:                     "1 exact, copies 0, , monochrome",
		page + "\xfa\xff\xff\xff\xff" + page:      "1 estimated, copies 0, , monochrome",
		page + "\x02" + page:                      "1 estimated, copies 0, , monochrome",
		page + "\xc1\x03":                         "1 estimated, copies 0, , monochrome",
		"\xc8\xc0\x03\x01\x02\x03\xf8\x0b" + page: "1 exact, copies 0, , color",
		"\xc8\xc0\x03\x02\x02\x02\xf8\x0b" + page: "1 exact, copies 0, , monochrome",
		"\xc0\x02\xf8\x03\x43\xb0\x44":            "1 exact, copies 0, , unknown",
		"\xc0\x01\xf8\x03\x43\xb0\x44":            "1 exact, copies 0, , monochrome",
	} {
		stream := ") HP-PCL XL;2;0;Comment\n" + body + exit
		for _, n := range []int{1, 5, 1 << 20} {
			i := tapped([]byte(stream), n)
			if got := fmt.Sprintf("%d %s, copies %d, %s, %s", pageCount(i), i.Certainty, i.Copies, i.Sides, i.Color); got != want {
				t.Errorf("%q in pieces of %d: %s, want %s", body, n, got, want)
			}
		}
	}
}

// TestPCLXLMedia: by number, by name, and not by a later page's.
func TestPCLXLMedia(t *testing.T) {
	for body, want := range map[string]string{
		"\xc0\x02\xf8\x25":           "iso_a4_210x297mm",
		"\xc0\x00\xf8\x25":           "na_letter_8.5x11in",
		"\xc0\xee\xf8\x25":           "",
		"\xc8\xc0\x02A4\xf8\x25":     "iso_a4_210x297mm",
		"\xc8\xc0\x06LETTER\xf8\x25": "na_letter_8.5x11in",
		"\xc8\xc0\x05PAPER\xf8\x25":  "",
		"\xf8\x25":                   "",
	} {
		stream := ") HP-PCL XL;2;0\n" + body + "\x43\x44\xc0\x05\xf8\x25\x43\x44" + exit
		if i := tapped([]byte(stream), 3); i.Media != want || pageCount(i) != 2 {
			t.Errorf("%q: %s", body, asJSON(i))
		}
	}
}

// TestPCLXLHeaders: the order of bytes, and what is no header.
func TestPCLXLHeaders(t *testing.T) {
	for header, want := range map[string]int{
		") HP-PCL XL;2;0\n": 3,
		") HP-PCL XL;3;0;" + strings.Repeat("x", 500) + "\n":      3,
		") HP-PCL XL;2;0" + strings.Repeat("x", 2*lineMax) + "\n": 0,
		"' HP-PCL XL;2;0\n": 0,
	} {
		i := tapped([]byte(header+"\xc1\x03\x00\xf8\x31\x43\x44"+exit), 7)
		if i.Copies != want || i.Format != FormatPCLXL {
			t.Errorf("%.30q: %s", header, asJSON(i))
		}
	}
	if i := tapped([]byte("( HP-PCL XL;2;0\n\xc1\x00\x03\xf8\x31\x43\x44"+exit), 7); i.Copies != 3 || pageCount(i) != 1 {
		t.Errorf("most significant byte first: %s", asJSON(i))
	}
}
