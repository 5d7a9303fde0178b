package spooler

import (
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

const (
	maxCopies = 999
	maxEcho   = 4096 // bytes of an attribute
	maxValues = 64   // of one attribute; kept for jobs that have not ended
)

// Keywords and numbers of the job template attributes.
var (
	scalings             = []string{"auto", "auto-fit", "fill", "fit", "none"}
	contentOptimizations = []string{"auto", "graphic", "photo", "text", "text-and-graphic"}
	renderingIntents     = []string{"auto", "absolute", "perceptual", "relative", "relative-bpc", "saturation"}
	documentHandlings    = []string{"separate-documents-collated-copies", "separate-documents-uncollated-copies"}
	outputBins           = []string{"face-down"}
	jobSheets            = []string{"none", "standard"}
	numbersUp            = []int{1, 2, 4, 6, 9, 16} // pages on a side: number-up
	qualities            = []int{3, 4, 5}           // draft, normal, high: RFC 8011 §5.2.13
	orientations         = []int{3, 4, 5, 6}        // RFC 8011 §5.2.10
	resolutions          = []int{300, 600}
)

// templateAttribute says which values a job template attribute may have.
type templateAttribute struct {
	tags []goipp.Tag
	many bool
	ok   func(goipp.Value) bool
}

var (
	keywordOrName = []goipp.Tag{goipp.TagKeyword, goipp.TagName}
	enumTag       = []goipp.Tag{goipp.TagEnum}
	collectionTag = []goipp.Tag{goipp.TagBeginCollection}
)

func isOneOf(words []string) func(goipp.Value) bool {
	return func(v goipp.Value) bool {
		s, ok := v.(goipp.String)
		return ok && slices.Contains(words, string(s))
	}
}

func isNumber(numbers []int) func(goipp.Value) bool {
	return func(v goipp.Value) bool {
		n, ok := v.(goipp.Integer)
		return ok && slices.Contains(numbers, int(n))
	}
}

func isBetween(least, greatest goipp.Integer) func(goipp.Value) bool {
	return func(v goipp.Value) bool {
		n, ok := v.(goipp.Integer)
		return ok && n >= least && n <= greatest
	}
}

func isResolution(v goipp.Value) bool {
	r, ok := v.(goipp.Resolution)
	return ok && r.Units == goipp.UnitsDpi && r.Xres == r.Yres && slices.Contains(resolutions, r.Xres)
}

func isPageRange(v goipp.Value) bool {
	r, ok := v.(goipp.Range)
	return ok && r.Lower >= 1 && r.Upper >= r.Lower
}

// isSupported reports whether a job may have the attribute, and if so whether
// it may have these values.
func (p *Printer) isSupported(a goipp.Attribute) (known, ok bool) {
	t, known := p.templates[a.Name]
	if !known || len(a.Values) != 1 && !t.many || len(a.Values) > maxValues {
		return known, false
	}
	for _, v := range a.Values {
		if !slices.Contains(t.tags, v.T) || !t.ok(v.V) {
			return true, false
		}
	}
	return true, true
}

// splitSupported divides what a request asks of its job into the supported
// attributes and those for the unsupported group of the response (RFC 8011
// §4.1.7). Some clients send job template attributes among the operation
// attributes.
func (p *Printer) splitSupported(m *goipp.Message) (supported, unsupported goipp.Attributes) {
	asked := slices.Clone(m.Job)
	for _, a := range m.Operation {
		_, isOperation := p.syntaxes[a.Name]
		_, isTemplate := p.templates[a.Name]
		_, again := ipp.Find(m.Job, a.Name)
		switch {
		case isTemplate && !again:
			asked.Add(a)
		case !isOperation:
			unsupported.Add(ipp.Unsupported(a.Name))
		}
	}
	for _, a := range asked {
		switch known, ok := p.isSupported(a); {
		case ok:
			supported.Add(a)
		case known:
			unsupported.Add(echoAttribute(a))
		default:
			unsupported.Add(ipp.Unsupported(a.Name))
		}
	}
	return supported, unsupported
}

// echoAttribute returns an attribute of a request for the unsupported group: as
// it was sent, or only its name where its values cannot be encoded.
func echoAttribute(a goipp.Attribute) goipp.Attribute {
	m := goipp.Message{Unsupported: goipp.Attributes{a}}
	if b, err := m.EncodeBytes(); err != nil || len(b) > maxEcho {
		return ipp.Unsupported(a.Name)
	}
	return a
}
