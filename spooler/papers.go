package spooler

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/pwg"
)

// papers holds the media offered.
type papers struct {
	names  []string     // the first is the default
	sizes  []pwg.Size   // of names, in the same order
	custom *customSizes // nil where custom sizes are not accepted
}

// customSizes is the range of custom sizes, with the names of its ends.
type customSizes struct {
	least, greatest         pwg.Size
	leastName, greatestName string
}

// anySize is the range of custom sizes offered where no media are named.
var anySize = []string{pwg.CustomMin + "70x70mm", pwg.CustomMax + "330x1320mm"}

// newPapers offers the named papers or, where there are no names, all known
// papers and custom sizes. The names are the self-describing ones of the
// standard; a pair of custom_min_… and custom_max_… stands for a range.
func newPapers(names []string) (papers, error) {
	if len(names) == 0 {
		names = slices.Concat(knownMedia, anySize)
	}
	var p papers
	var own customSizes
	for _, name := range names {
		s, ok := pwg.SizeIn(name)
		if !ok || !s.IsWithin(pwg.LeastSheet, pwg.GreatestSheet) || !isKeyword(name) {
			return papers{}, fmt.Errorf("the printer's paper %q is not a name of PWG 5101.1 with a size of 1 cm to 2 m, such as %s", name, knownMedia[0])
		}
		if err := p.addPaper(&own, name, s); err != nil {
			return papers{}, err
		}
	}
	switch {
	case len(p.names) == 0:
		return papers{}, errors.New("the printer's only paper is a custom range: name one that is the default")
	case (own.leastName == "") != (own.greatestName == ""), own.least.X > own.greatest.X, own.least.Y > own.greatest.Y:
		return papers{}, errors.New("the printer's custom paper is not a range: name custom_min_… and a greater custom_max_…")
	case own.leastName != "":
		p.custom = &own
	}
	return p, nil
}

func (p *papers) addPaper(own *customSizes, name string, s pwg.Size) error {
	class, _, _ := strings.Cut(name, "_")
	switch {
	case strings.HasPrefix(name, pwg.CustomMin) && own.leastName == "":
		own.least, own.leastName = s, name
	case strings.HasPrefix(name, pwg.CustomMax) && own.greatestName == "":
		own.greatest, own.greatestName = s, name
	case !slices.Contains(pwg.Classes, class):
		return fmt.Errorf("the printer's paper %q is not of a class of PWG 5101.1, or repeats an end of the range", name)
	case slices.Contains(p.sizes, s):
		return fmt.Errorf("the printer's paper %q has the size of another one", name)
	default:
		p.names, p.sizes = append(p.names, name), append(p.sizes, s)
	}
	return nil
}

// mediaAttributes calls all sizes ready: iOS and macOS offer only those, and
// which paper is in the printer is not known before the release.
func (p *papers) mediaAttributes() goipp.Attributes {
	supported, sizes := slices.Clone(p.names), []goipp.Collection{}
	for _, s := range p.sizes {
		sizes = append(sizes, ipp.MediaSize(s.X, s.Y))
	}
	if p.custom != nil {
		supported = append(supported, p.custom.leastName, p.custom.greatestName)
		sizes = append(sizes, p.custom.mediaSizeRange())
	}
	return goipp.Attributes{
		ipp.Keyword("media-default", p.names[0]),
		ipp.Keyword("media-supported", supported...),
		ipp.Keyword("media-ready", p.names...),
		ipp.Keyword("media-col-supported", mediaMembers...),
		ipp.Collections("media-col-default", p.mediaColDefault()),
		ipp.Collections("media-col-ready", p.mediaColReady()...),
		ipp.Collections("media-size-supported", sizes...),
		ipp.Integer("media-bottom-margin-supported", mediaMargin),
		ipp.Integer("media-left-margin-supported", mediaMargin),
		ipp.Integer("media-right-margin-supported", mediaMargin),
		ipp.Integer("media-top-margin-supported", mediaMargin),
		ipp.Keyword("media-source-supported", mediaSources...),
		ipp.Keyword("media-type-supported", mediaTypes...),
	}
}

// mediaColDatabase returns media-col-database.
func (p *papers) mediaColDatabase() goipp.Attribute {
	cols := p.mediaCols()
	if p.custom != nil {
		cols = append(cols, mediaCol(p.custom.mediaSizeRange()))
	}
	return ipp.Collections("media-col-database", cols...)
}

// mediaCols returns the media-col of each name.
func (p *papers) mediaCols() []goipp.Collection {
	var cols []goipp.Collection
	for _, s := range p.sizes {
		cols = append(cols, mediaCol(ipp.MediaSize(s.X, s.Y)))
	}
	return cols
}

// mediaColReady returns media-col-ready: all papers, since it is not known
// which printer it will be.
func (p *papers) mediaColReady() []goipp.Collection {
	cols := p.mediaCols()
	for i := range cols {
		cols[i] = withSourceAndType(cols[i])
	}
	return cols
}

// mediaColDefault returns media-col-default.
func (p *papers) mediaColDefault() goipp.Collection {
	return withSourceAndType(mediaCol(ipp.MediaSize(p.sizes[0].X, p.sizes[0].Y)))
}

// withSourceAndType adds source and type auto to a media-col. Without a
// media-type CUPS makes one up.
func withSourceAndType(c goipp.Collection) goipp.Collection {
	return append(c, ipp.Keyword("media-source", mediaSources[0]), ipp.Keyword("media-type", mediaTypes[0]))
}

func (o *customSizes) mediaSizeRange() goipp.Collection {
	return goipp.Collection{
		ipp.Range("x-dimension", o.least.X, o.greatest.X),
		ipp.Range("y-dimension", o.least.Y, o.greatest.Y),
	}
}

// hasSize reports whether a job may ask for a sheet of that size.
func (p *papers) hasSize(s pwg.Size) bool {
	near := func(o pwg.Size) bool { return s.Off(o) <= pwg.NearAsked }
	return slices.ContainsFunc(p.sizes, near) || p.custom != nil && s.IsWithin(p.custom.least, p.custom.greatest)
}

// isMedia reports whether a value is a name that is offered, or a custom size
// within the range.
func (p *papers) isMedia(v goipp.Value) bool {
	name, ok := v.(goipp.String)
	if !ok {
		return false
	}
	if slices.Contains(p.names, string(name)) {
		return true
	}
	s, ok := pwg.SizeIn(string(name))
	return ok && strings.HasPrefix(string(name), pwg.Custom+"_") && p.custom != nil && s.IsWithin(p.custom.least, p.custom.greatest)
}

// isMediaCol reports whether a value is a collection whose members are all
// supported.
func (p *papers) isMediaCol(v goipp.Value) bool {
	c, ok := v.(goipp.Collection)
	if !ok {
		return false
	}
	for _, m := range c {
		if len(m.Values) != 1 || !p.isMediaMember(m.Name, m.Values[0].V) {
			return false
		}
	}
	return len(c) > 0
}

func (p *papers) isMediaMember(name string, v goipp.Value) bool {
	switch name {
	case "media-size":
		c, ok := v.(goipp.Collection)
		x, okX := ipp.Int(goipp.Attributes(c), "x-dimension")
		y, okY := ipp.Int(goipp.Attributes(c), "y-dimension")
		return ok && okX && okY && len(c) == 2 && p.hasSize(pwg.Size{X: x, Y: y})
	case "media-bottom-margin", "media-left-margin", "media-right-margin", "media-top-margin":
		n, ok := v.(goipp.Integer)
		return ok && n >= 0 && n <= 1<<20
	case "media-source":
		return isOneOf(mediaSources)(v)
	case "media-type":
		return isOneOf(mediaTypes)(v)
	case "media-size-name":
		return p.isMedia(v)
	}
	return false
}
