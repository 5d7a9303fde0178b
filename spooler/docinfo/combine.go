package docinfo

import "cmp"

// FormatMixed is the format of several documents of different formats (RFC 2046
// §5.1.3).
const FormatMixed = "multipart/mixed"

// Combine returns what several documents say together when they are printed one
// after the other, each on sheets of its own. The result is only as certain as
// the least certain of them; for no documents nothing is known.
func Combine(docs []Info) Info {
	if len(docs) == 0 {
		return Info{Certainty: Unknown, Color: ColorUnknown}
	}
	all := docs[0]
	for _, d := range docs[1:] {
		all.addDocument(d)
	}
	all.Color, all.Certainty = cmp.Or(all.Color, ColorUnknown), cmp.Or(all.Certainty, Unknown)
	return all
}

func (i *Info) addDocument(d Info) {
	i.Pages, i.Files = sumOrNil(i.Pages, d.Pages), max(i.Files, d.Files)
	switch {
	case i.Pages == nil:
		i.Certainty = Unknown
	case d.Certainty == Estimated:
		i.Certainty = Estimated
	}
	switch {
	case i.Color == InColor || d.Color == InColor:
		i.Color = InColor
	case i.Color != d.Color:
		i.Color = ColorUnknown
	}
	if i.Format != d.Format {
		i.Format = FormatMixed
	}
	if i.Sides != d.Sides {
		i.Sides = ""
	}
	if i.Copies != d.Copies {
		i.Copies = 0
	}
	for _, f := range []struct{ to, from *string }{
		{&i.Media, &d.Media}, {&i.Title, &d.Title}, {&i.Application, &d.Application}, {&i.Producer, &d.Producer},
	} {
		*f.to = cmp.Or(*f.to, *f.from)
	}
}

func sumOrNil(a, b *int) *int {
	if a == nil || b == nil {
		return nil
	}
	return new(*a + *b)
}
