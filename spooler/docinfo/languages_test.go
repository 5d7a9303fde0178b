package docinfo

import (
	"fmt"
	"strings"
	"testing"
)

// TestPJLSettings: what PJL says of the job, one line a case.
func TestPJLSettings(t *testing.T) {
	for lines, want := range map[string]string{
		"@PJL SET COPIES=3":                                        `copies 3, , , ""`,
		"@PJL set qty = 4":                                         `copies 4, , , ""`,
		"@PJL SET QTY=0":                                           `copies 0, , , ""`,
		"@PJL SET QTY=-3":                                          `copies 0, , , ""`,
		"@PJL SET QTY=99999999":                                    `copies 0, , , ""`,
		"@PJL SET QTY=many":                                        `copies 0, , , ""`,
		"@PJL SET QTY=2\n@PJL SET QTY=5":                           `copies 5, , , ""`,
		"@PJL DEFAULT COPIES=2":                                    `copies 0, , , ""`,
		"@PJL INQUIRE COPIES=2":                                    `copies 0, , , ""`,
		"@PJL COMMENT SET COPIES=2":                                `copies 0, , , ""`,
		"@PJL SET LPARM : PCL COPIES=2":                            `copies 2, , , ""`,
		"@PJL SET DUPLEX=ON":                                       `copies 0, two-sided-long-edge, , ""`,
		"@PJL SET DUPLEX=OFF":                                      `copies 0, one-sided, , ""`,
		"@PJL SET DUPLEX=ON\n@PJL SET BINDING=SHORTEDGE":           `copies 0, two-sided-short-edge, , ""`,
		"@PJL SET BINDING=SHORTEDGE\n@PJL SET DUPLEX=ON":           `copies 0, two-sided-short-edge, , ""`,
		"@PJL SET DUPLEX=ON BINDING=LONGEDGE QTY=2":                `copies 2, two-sided-long-edge, , ""`,
		"@PJL SET DUPLEX=OFF\n@PJL SET BINDING=LONGEDGE":           `copies 0, one-sided, , ""`,
		"@PJL SET PAPER=A4":                                        `copies 0, , iso_a4_210x297mm, ""`,
		"@PJL SET PAPER = letter":                                  `copies 0, , na_letter_8.5x11in, ""`,
		"@PJL SET PAPER=PAPYRUS":                                   `copies 0, , , ""`,
		`@PJL JOB NAME="Quarterly report" DISPLAY="x"`:             `copies 0, , , "Quarterly report"`,
		`@PJL JOB DISPLAY="x" NAME = "a = b"`:                      `copies 0, , , "a = b"`,
		`@PJL JOB NAME="not closed`:                                `copies 0, , , "not closed"`,
		`@PJL JOB`:                                                 `copies 0, , , ""`,
		`@PJL SET JOBNAME="one"` + "\n" + `@PJL SET JOBNAME="two"`: `copies 0, , , "one"`,
		`@PJL SET NAME="no title"`:                                 `copies 0, , , ""`,
		"@PJL":                                                     `copies 0, , , ""`,
		"@PJL \t ":                                                 `copies 0, , , ""`,
		"@PJL SET =":                                               `copies 0, , , ""`,
		"@PJL SET =5 COPIES=2":                                     `copies 2, , , ""`,
		"@PJL SET STRINGCODESET=UTF8\n@PJL SET JOBNAME=\"ü\"":      `copies 0, , , "ü"`,
		"@PJL COMMENT " + strings.Repeat("x", 3*lineMax) + "\n@PJL SET COPIES=2": `copies 2, , , ""`,
	} {
		stream := exit + strings.ReplaceAll(lines, "\n", "\r\n") + "\r\n@PJL ENTER LANGUAGE=PCL\r\n\x1bEx\f\x1bE" + exit
		for _, n := range []int{1, 9, 1 << 20} {
			i := tapped([]byte(stream), n)
			got := fmt.Sprintf("copies %d, %s, %s, %q", i.Copies, i.Sides, i.Media, i.Title)
			if got != want || pageCount(i) != 1 {
				t.Errorf("%q in pieces of %d: %s, %d pages, want %s", lines, n, got, pageCount(i), want)
			}
		}
	}
}

// TestPJLThatIsCutOff: a stream may end anywhere.
func TestPJLThatIsCutOff(t *testing.T) {
	stream := exit + "@PJL JOB NAME=\"x\"\r\n@PJL SET QTY=2\r\n@PJL ENTER LANGUAGE=PCL\r\n\x1bEx\f\x1bE" + exit + "@PJL EOJ\r\n" + exit
	for cut := range len(stream) {
		if i := tapped([]byte(stream[:cut]), 3); pageCount(i) > 1 {
			t.Fatalf("cut at %d: %s", cut, asJSON(i))
		}
	}
}

// TestPCLSequences: what ejects a page and what does not.
func TestPCLSequences(t *testing.T) {
	for body, want := range map[string]string{
		"x\f":                              "1 exact",
		"\f":                               "1 exact",
		"x\fy\f\f":                         "3 exact",
		"x":                                "1 exact",
		" \r\n ":                           "0 unknown",
		"x\x1b&l0Hy":                       "2 exact",
		"x\x1b&l1Hy":                       "1 exact",
		"x\x1b&l1Oy":                       "2 exact",
		"\x1b&l1Oy":                        "1 exact",
		"x\x1b&l66Py":                      "2 exact",
		"x\x1b&a2Gy":                       "2 exact",
		"x\x1b&l1Sy":                       "2 exact",
		"x\x1bEy":                          "2 exact",
		"x\x1b9y":                          "1 exact",
		"\x1b*b3W\f\f\f":                   "1 exact",
		"\x1b*b3V\f\f\f":                   "1 exact",
		"\x1b*b3Vabc\x1b*b3W\f\f\f\f":      "1 exact",
		"\x1b&p3X\f\f\f":                   "1 exact",
		"\x1b(s5W\f\f\f\f\f":               "0 unknown",
		"\x1b)s-5Wx\f":                     "1 exact",
		"\x1b*b1m3W\f\f\f\f":               "1 exact",
		"\x1b&l6D" + "x\n\f":               "1 estimated",
		"\x1b&f1Y\x1b&f0X\f\f\x1b&f1Xx\f":  "1 estimated",
		"\x1b&f1Y\x1b&f4Xx\f":              "1 estimated",
		"\x1b%1BPU;\f\x1b%1Ax\f":           "1 estimated",
		strings.Repeat("x\n", 60):          "1 exact",
		strings.Repeat("x\n", 61):          "2 estimated",
		strings.Repeat("x\n\x1b&a0V", 200): "1 exact",
		"\x1b*c100a100b0P":                 "1 exact",
		"\x1b&l99999999999999999999Xx\f":   "1 exact",
		"\x1b*b" + strings.Repeat("1", 100) + "Wx": "1 estimated",
	} {
		stream := "\x1bE" + body + "\x1bE"
		for _, n := range []int{1, 4, 1 << 20} {
			i := tapped([]byte(stream), n)
			if got := fmt.Sprintf("%d %s", pageCount(i), i.Certainty); got != want {
				t.Errorf("%q in pieces of %d: %s, want %s", body, n, got, want)
			}
		}
	}
}
