package settings

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// distinct refuses a list that names something twice.
func distinct(names []string) error {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("it names %q twice", name)
		}
	}
	return nil
}

func resources(to *[]string, names []string) error {
	for _, name := range names {
		if name != "print" && name != "raster" {
			return fmt.Errorf("%q is no printer it could have; it should name print, raster or both", name)
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("it should name print, raster or both")
	}
	if err := distinct(names); err != nil {
		return err
	}
	*to = names
	return nil
}

// paperName is a self-describing name of PWG 5101.1: class, name and size.
var paperName = regexp.MustCompile(`^(asme|iso|jis|jpn|na|oe|om|prc|roc|custom)_([a-z0-9.-]+)_([0-9.]{1,9})x([0-9.]{1,9})(mm|in)$`)

// paper is a sheet, its size in 1/100 mm.
type paper struct {
	custom string // min or max where it is an end of a range
	x, y   int
}

// A sheet may have 1 cm to 2 m each way.
const thinnest, widest = 1000, 200_000

func parsePaper(name string) (paper, error) {
	wrong := fmt.Errorf("%q should be a name of PWG 5101.1, such as iso_a4_210x297mm or na_letter_8.5x11in, of 1 cm to 2 m", name)
	m := paperName.FindStringSubmatch(name)
	if m == nil {
		return paper{}, wrong
	}
	p := paper{x: hundredths(m[3], m[5]), y: hundredths(m[4], m[5])}
	if min(p.x, p.y) < thinnest || max(p.x, p.y) > widest {
		return paper{}, wrong
	}
	if m[1] != "custom" {
		return p, nil
	}
	if m[2] != "min" && m[2] != "max" {
		return paper{}, fmt.Errorf("%q should begin with custom_min_ or custom_max_, the ends of a range", name)
	}
	p.custom = m[2]
	return p, nil
}

// hundredths of a millimetre; 0 where the text is no number.
func hundredths(text, unit string) int {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return int(math.Round(f * map[string]float64{"mm": 100, "in": 2540}[unit]))
}

func papers(to *[]string, names []string) error {
	var fixed []paper
	ends := map[string]paper{}
	for _, name := range names {
		p, err := parsePaper(name)
		if err != nil {
			return err
		}
		_, again := ends[p.custom]
		switch {
		case p.custom != "" && !again:
			ends[p.custom] = p
		case again || slices.Contains(fixed, p):
			return fmt.Errorf("%q is of the size of another one, or a second end of a range", name)
		default:
			fixed = append(fixed, p)
		}
	}
	least, greatest := ends["min"], ends["max"]
	switch {
	case len(ends) == 1, least.x > greatest.x, least.y > greatest.y:
		return fmt.Errorf("it should have both custom_min_ and a greater custom_max_, or neither")
	case len(ends) > 0 && len(fixed) == 0:
		return fmt.Errorf("it should begin with a paper that is the default, not a range alone")
	}
	*to = names
	return nil
}

// finishingNumbers are the keywords of finishings and their numbers in IPP:
// RFC 8011 §5.2.6, PWG 5100.1 §5.2.
var finishingNumbers = map[string]int{
	"staple": 4, "punch": 5, "cover": 6, "bind": 7, "saddle-stitch": 8, "edge-stitch": 9,
	"fold": 10, "trim": 11, "bale": 12, "booklet-maker": 13, "jog-offset": 14, "coat": 15, "laminate": 16,
	"staple-top-left": 20, "staple-bottom-left": 21, "staple-top-right": 22, "staple-bottom-right": 23,
	"edge-stitch-left": 24, "edge-stitch-top": 25, "edge-stitch-right": 26, "edge-stitch-bottom": 27,
	"staple-dual-left": 28, "staple-dual-top": 29, "staple-dual-right": 30, "staple-dual-bottom": 31,
	"staple-triple-left": 32, "staple-triple-top": 33, "staple-triple-right": 34, "staple-triple-bottom": 35,
	"bind-left": 50, "bind-top": 51, "bind-right": 52, "bind-bottom": 53,
	"trim-after-pages": 60, "trim-after-documents": 61, "trim-after-copies": 62, "trim-after-job": 63,
	"punch-top-left": 70, "punch-bottom-left": 71, "punch-top-right": 72, "punch-bottom-right": 73,
	"punch-dual-left": 74, "punch-dual-top": 75, "punch-dual-right": 76, "punch-dual-bottom": 77,
	"punch-triple-left": 78, "punch-triple-top": 79, "punch-triple-right": 80, "punch-triple-bottom": 81,
	"punch-quad-left": 82, "punch-quad-top": 83, "punch-quad-right": 84, "punch-quad-bottom": 85,
	"punch-multiple-left": 86, "punch-multiple-top": 87, "punch-multiple-right": 88, "punch-multiple-bottom": 89,
	"fold-accordion": 90, "fold-double-gate": 91, "fold-gate": 92, "fold-half": 93, "fold-half-z": 94,
	"fold-left-gate": 95, "fold-letter": 96, "fold-parallel": 97, "fold-poster": 98, "fold-right-gate": 99,
	"fold-z": 100, "fold-engineering-z": 101,
}

// FinishingNumbers are those of PrinterFinishings.
func (v *Values) FinishingNumbers() []int {
	var numbers []int
	for _, name := range v.PrinterFinishings {
		numbers = append(numbers, finishingNumbers[name])
	}
	return numbers
}

// Finishings are all keywords that PrinterFinishings may have.
func Finishings() []string { return slices.Sorted(maps.Keys(finishingNumbers)) }

func finishings(to *[]string, names []string) error {
	for _, name := range names {
		if finishingNumbers[name] == 0 {
			return fmt.Errorf("%q is no finishing; known are %s", name, strings.Join(Finishings(), ", "))
		}
	}
	if err := distinct(names); err != nil {
		return err
	}
	*to = names
	return nil
}
