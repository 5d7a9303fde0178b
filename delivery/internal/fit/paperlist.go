package fit

import (
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/pwg"
)

// paperSupport is what a printer lists of papers.
type paperSupport struct {
	printer capabilities
	names   goipp.Attribute // media-supported
	sizes   []sizeRange     // media-size-supported, else the sizes of names
	members []string        // media-col-supported
}

func (i capabilities) readPapers() paperSupport {
	s := paperSupport{printer: i, members: ipp.Strings(i.attrs, "media-col-supported")}
	s.names, _ = ipp.Find(i.attrs, "media-supported")
	listed, _ := ipp.Find(i.attrs, "media-size-supported")
	for _, v := range listed.Values {
		if r, ok := readSize(v.V); ok {
			s.sizes = append(s.sizes, r)
		}
	}
	if len(listed.Values) > 0 {
		return s
	}
	for _, v := range s.names.Values {
		if z, ok := pwg.SizeOf(nameOf(v.V)); ok {
			s.sizes = append(s.sizes, sizeRange{z, z})
		}
	}
	return s
}

// nameOf returns a keyword or name as text, "" for everything else.
func nameOf(v goipp.Value) string {
	switch v := v.(type) {
	case goipp.String:
		return string(v)
	case goipp.TextWithLang:
		return v.Text
	}
	return ""
}

// fitName returns the paper for a media.
func (s paperSupport) fitName(v goipp.Value) chosenPaper {
	for _, l := range s.names.Values {
		if goipp.ValueEqual(l.V, v) {
			return chosenPaper{attr: goipp.MakeAttr("media", l.T, l.V)}
		}
	}
	asked, ok := pwg.SizeOf(nameOf(v))
	if !ok {
		return chosenPaper{}
	}
	if p := s.nameFor(asked); len(p.attr.Values) > 0 {
		return p
	}
	if fit, ok := s.sizeFor(asked); ok && slices.Contains(s.members, "media-size") {
		return chosenPaper{attr: ipp.Collections("media-col", goipp.Collection{ipp.Collections("media-size", ipp.MediaSize(fit.X, fit.Y))})}
	}
	return chosenPaper{}
}

// nameFor returns the listed media of the nearest size, or a custom size if
// that is in the range the printer lists.
func (s paperSupport) nameFor(asked pwg.Size) (p chosenPaper) {
	off := pwg.NearListed + 1
	for _, v := range s.names.Values {
		if z, ok := pwg.SizeOf(nameOf(v.V)); ok && z.Off(asked) < off {
			off, p.attr = z.Off(asked), goipp.MakeAttr("media", v.T, v.V)
		}
	}
	if off > pwg.NearListed && s.takesOwn(asked) {
		p.attr = ipp.Keyword("media", asked.CustomName())
	}
	return p
}

// takesOwn reports whether a size is in the range of custom sizes whose ends
// are among the names listed (PWG 5101.1).
func (s paperSupport) takesOwn(asked pwg.Size) bool {
	var least, greatest pwg.Size
	for _, v := range s.names.Values {
		switch name := nameOf(v.V); {
		case strings.HasPrefix(name, pwg.CustomMin):
			least, _ = pwg.SizeIn(name)
		case strings.HasPrefix(name, pwg.CustomMax):
			greatest, _ = pwg.SizeIn(name)
		}
	}
	return least.X > 0 && asked.IsWithin(least, greatest)
}

// sizeFor returns the nearest listed size.
func (s paperSupport) sizeFor(asked pwg.Size) (fit pwg.Size, ok bool) {
	off := pwg.NearListed + 1
	for _, r := range s.sizes {
		if n := r.nearestTo(asked); n.Off(asked) < off {
			off, fit = n.Off(asked), n
		}
	}
	return fit, off <= pwg.NearListed
}

// fitCollection returns the paper for a media-col.
func (s paperSupport) fitCollection(v goipp.Value) chosenPaper {
	c, ok := v.(goipp.Collection)
	if !ok {
		return chosenPaper{}
	}
	asked, sized := askedSize(c)
	fit, fits := s.sizeFor(asked)
	if sized && !(fits && slices.Contains(s.members, "media-size")) {
		p := s.nameFor(asked)
		for _, m := range c {
			if !isSize(m) {
				p.lost = append(p.lost, m.Name)
			}
		}
		return p
	}
	return s.fitMembers(c, fit, sized)
}

// fitMembers returns a media-col as the printer takes it, with that size if
// the media-col asks for one.
func (s paperSupport) fitMembers(c goipp.Collection, fit pwg.Size, sized bool) (p chosenPaper) {
	var out goipp.Collection
	if sized {
		out.Add(ipp.Collections("media-size", ipp.MediaSize(fit.X, fit.Y)))
	}
	for _, m := range c {
		_, twice := ipp.Find(goipp.Attributes(out), m.Name)
		switch {
		case twice || isSize(m) && sized:
		case s.listsMember(m):
			out.Add(m)
		default:
			p.lost = append(p.lost, m.Name)
		}
	}
	if len(out) > 0 {
		p.attr = ipp.Collections("media-col", out)
	}
	return p
}

// isSize reports whether a member of media-col names the size.
func isSize(m goipp.Attribute) bool { return m.Name == "media-size" || m.Name == "media-size-name" }

// mediaMembers are the members of media-col besides the size that may be sent,
// each with the rule for its one value.
var mediaMembers = map[string]func(supported goipp.Attribute, v goipp.Value) bool{
	"media-bottom-margin": listsNumber,
	"media-left-margin":   listsNumber,
	"media-right-margin":  listsNumber,
	"media-source":        listsValue,
	"media-top-margin":    listsNumber,
	"media-type":          listsValue,
}

func (s paperSupport) listsMember(m goipp.Attribute) bool {
	rule := mediaMembers[m.Name]
	supported, ok := ipp.Find(s.printer.attrs, m.Name+"-supported")
	return rule != nil && ok && slices.Contains(s.members, m.Name) && len(m.Values) == 1 && rule(supported, m.Values[0].V)
}

// askedSize returns the size that a media-col asks for.
func askedSize(c goipp.Collection) (pwg.Size, bool) {
	attrs := goipp.Attributes(c)
	if a, ok := ipp.Find(attrs, "media-size"); ok && len(a.Values) > 0 {
		r, ok := readSize(a.Values[0].V)
		return r.least, ok && r.least == r.greatest
	}
	return pwg.SizeOf(ipp.String(attrs, "media-size-name"))
}
