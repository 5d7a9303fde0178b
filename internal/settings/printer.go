package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/pwg"
)

// checkDistinct refuses a list that has a name twice.
func checkDistinct(names []string) error {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("it names %q twice", name)
		}
	}
	return nil
}

func parseResources(to *[]string, names []string) error {
	for _, name := range names {
		if name != "print" && name != "raster" {
			return fmt.Errorf("%q is not a printer it could have; it should name print, raster or both", name)
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("it should name print, raster or both")
	}
	if err := checkDistinct(names); err != nil {
		return err
	}
	*to = names
	return nil
}

func parsePaper(name string) (pwg.Name, error) {
	p, ok := pwg.ParseName(name)
	if !ok || !p.Size.IsWithin(pwg.LeastSheet, pwg.GreatestSheet) {
		return pwg.Name{}, fmt.Errorf("%q should be a name of PWG 5101.1, such as iso_a4_210x297mm or na_letter_8.5x11in, of 1 cm to 2 m", name)
	}
	if p.Class == pwg.Custom && p.Title != "min" && p.Title != "max" {
		return pwg.Name{}, fmt.Errorf("%q should begin with custom_min_ or custom_max_, the ends of a range", name)
	}
	return p, nil
}

func parsePapers(to *[]string, names []string) error {
	var fixed []pwg.Size
	ends := map[string]pwg.Size{}
	for _, name := range names {
		p, err := parsePaper(name)
		if err != nil {
			return err
		}
		isEnd := p.Class == pwg.Custom
		_, again := ends[p.Title]
		switch {
		case isEnd && !again:
			ends[p.Title] = p.Size
		case isEnd || slices.Contains(fixed, p.Size):
			return fmt.Errorf("%q is of the size of another one, or a second end of a range", name)
		default:
			fixed = append(fixed, p.Size)
		}
	}
	least, greatest := ends["min"], ends["max"]
	switch {
	case len(ends) == 1, least.X > greatest.X, least.Y > greatest.Y:
		return fmt.Errorf("it should have both custom_min_ and a greater custom_max_, or neither")
	case len(ends) > 0 && len(fixed) == 0:
		return fmt.Errorf("it should begin with a paper that is the default, not have only a range")
	}
	*to = names
	return nil
}

// finishingNumbers has the keywords of finishings and their numbers in IPP:
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

// FinishingNumbers returns the numbers of PrinterFinishings in IPP.
func (v *Values) FinishingNumbers() []int {
	var numbers []int
	for _, name := range v.PrinterFinishings {
		numbers = append(numbers, finishingNumbers[name])
	}
	return numbers
}

// Finishings returns all keywords that PrinterFinishings may have.
func Finishings() []string { return slices.Sorted(maps.Keys(finishingNumbers)) }

func parseFinishings(to *[]string, names []string) error {
	for _, name := range names {
		if finishingNumbers[name] == 0 {
			return fmt.Errorf("%q is not a finishing; known are %s", name, strings.Join(Finishings(), ", "))
		}
	}
	if err := checkDistinct(names); err != nil {
		return err
	}
	*to = names
	return nil
}
