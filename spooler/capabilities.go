package spooler

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/OpenPrinting/goipp"
)

// capabilities describes what is offered of color, sides, paper and finishing:
// what the printers that jobs are released at can do.
type capabilities struct {
	color      bool
	sides      []string
	colorModes []string
	finishings []int
	papers     papers
}

// Values of sides (RFC 8011 §5.2.8) and print-color-mode (PWG 5100.13 §5.2.3).
// Every printer must have the color modes auto and monochrome.
var (
	allSides      = []string{"one-sided", "two-sided-long-edge", "two-sided-short-edge"}
	allColorModes = []string{"auto", "color", "monochrome"}
	grayModes     = []string{"auto", "monochrome"}
)

// noFinishing is the value none of finishings; maxFinishing is the last value
// before those of vendors (RFC 8011 §5.2.6).
const (
	noFinishing  = 3
	maxFinishing = 0x3fffffff
)

func newCapabilities(c *Config) (capabilities, error) {
	l := capabilities{color: !c.Monochrome, sides: allSides, colorModes: allColorModes}
	if c.Monochrome {
		l.colorModes = grayModes
	}
	if c.Simplex {
		l.sides = allSides[:1]
	}
	l.finishings = []int{noFinishing}
	for _, f := range c.Finishings {
		if f <= noFinishing || f > maxFinishing || slices.Contains(l.finishings, f) {
			return capabilities{}, fmt.Errorf("the printer's finishing %d is not a value for a printer, or is there twice", f)
		}
		l.finishings = append(l.finishings, f)
	}
	var err error
	l.papers, err = newPapers(c.Media)
	return l, err
}

// hasDuplex reports whether both sides of a sheet can be printed.
func (l *capabilities) hasDuplex() bool { return len(l.sides) > 1 }

// rasterTypes returns the types of PWG raster that are accepted: PWG 5102.4 §6.
func (l *capabilities) rasterTypes() []string {
	if !l.color {
		return []string{"black_1", "sgray_8"}
	}
	return []string{"black_1", "sgray_8", "srgb_8", "srgb_16"}
}

// urfKeywords returns the capabilities for Apple raster in its own notation:
// version, copies in the document, sides, dpi, gray and color, finishings by
// their numbers. CP1 keeps macOS from both repeating pages and asking for
// copies.
func (l *capabilities) urfKeywords() []string {
	u := []string{"V1.4", "CP1"}
	if l.hasDuplex() {
		u = append(u, "DM1")
	}
	u = append(u, "RS300-600", "W8")
	if l.color {
		u = append(u, "SRGB24")
	}
	fn := "FN" + strconv.Itoa(noFinishing)
	for _, f := range l.finishings[1:] {
		fn += "-" + strconv.Itoa(f)
	}
	return append(u, fn)
}

// overridableTemplates returns the job template attributes that may also apply
// to only some pages.
func (l *capabilities) overridableTemplates() map[string]templateAttribute {
	return map[string]templateAttribute{
		"media":                 {tags: keywordOrName, ok: l.papers.isMedia},
		"media-col":             {tags: collectionTag, ok: l.papers.isMediaCol},
		"print-color-mode":      {tags: keywordOrName, ok: isOneOf(l.colorModes)},
		"print-quality":         {tags: enumTag, ok: isNumber(qualities)},
		"orientation-requested": {tags: enumTag, ok: isNumber(orientations)},
		"output-bin":            {tags: keywordOrName, ok: isOneOf(outputBins)},
		"sides":                 {tags: keywordOrName, ok: isOneOf(l.sides)},
	}
}

// allTemplates returns the job template attributes that a job may have. They
// are kept for the printer that the job is released at.
func (l *capabilities) allTemplates() map[string]templateAttribute {
	t := l.overridableTemplates()
	t["overrides"] = templateAttribute{tags: collectionTag, many: true, ok: isOverride(l.overridableTemplates())}
	t["finishings"] = templateAttribute{tags: enumTag, many: true, ok: isNumber(l.finishings)}
	t["copies"] = templateAttribute{tags: []goipp.Tag{goipp.TagInteger}, ok: isBetween(1, maxCopies)}
	t["printer-resolution"] = templateAttribute{tags: []goipp.Tag{goipp.TagResolution}, ok: isResolution}
	t["page-ranges"] = templateAttribute{tags: []goipp.Tag{goipp.TagRange}, many: true, ok: isPageRange}
	t["print-scaling"] = templateAttribute{tags: keywordOrName, ok: isOneOf(scalings)}
	t["print-content-optimize"] = templateAttribute{tags: keywordOrName, ok: isOneOf(contentOptimizations)}
	t["print-rendering-intent"] = templateAttribute{tags: keywordOrName, ok: isOneOf(renderingIntents)}
	t["multiple-document-handling"] = templateAttribute{tags: keywordOrName, ok: isOneOf(documentHandlings)}
	t["number-up"] = templateAttribute{tags: []goipp.Tag{goipp.TagInteger}, ok: isNumber(numbersUp)}
	t[holdUntil] = templateAttribute{tags: keywordOrName, ok: isOneOf(holdValues)}
	t["job-sheets"] = templateAttribute{tags: keywordOrName, ok: isOneOf(jobSheets)}
	return t
}
