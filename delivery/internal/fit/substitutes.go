package fit

// keywordSubstitutes are the substitutes for a keyword that the printer does
// not list, the best first, by the name of the setting.
var keywordSubstitutes = map[string]map[string][]string{
	// Two-sided by the wrong edge prints the backs upside down.
	"sides": {
		"two-sided-long-edge":  {"one-sided"},
		"two-sided-short-edge": {"one-sided"},
	},
	// PWG 5100.13.
	"print-color-mode": {
		"color":              {"auto"},
		"auto":               {"color", "auto-monochrome"},
		"monochrome":         {"auto-monochrome", "process-monochrome", "bi-level"},
		"auto-monochrome":    {"monochrome", "process-monochrome", "bi-level"},
		"process-monochrome": {"monochrome", "auto-monochrome", "bi-level"},
		"bi-level":           {"process-bi-level", "monochrome", "auto-monochrome", "process-monochrome"},
		"process-bi-level":   {"bi-level", "monochrome", "auto-monochrome", "process-monochrome"},
	},
}

// enumSubstitutes are the substitutes for enums.
var enumSubstitutes = map[string]map[int][]int{
	// RFC 8011 §5.2.10: 3 portrait, 4 landscape, 5 reverse-landscape, 6
	// reverse-portrait, 7 none (PWG 5100.13).
	"orientation-requested": {3: {7}, 4: {5}, 5: {4}, 6: {3}},
	"finishings":            finishingSubstitutes(),
}

// Finishings of PWG 5100.1 that have no place.
const (
	staple     = 4
	punch      = 5
	bind       = 7
	edgeStitch = 9
	trim       = 11
)

// placedFinishings are the finishings with a place, and the ones without that
// they are a kind of.
var placedFinishings = []struct{ from, to, kind int }{
	{20, 23, staple},     // staple-top-left to staple-bottom-right
	{24, 27, edgeStitch}, // edge-stitch-left to edge-stitch-bottom
	{28, 35, staple},     // staple-dual-left to staple-triple-bottom
	{50, 53, bind},       // bind-left to bind-bottom
	{60, 63, trim},       // trim-after-pages to trim-after-job
	{70, 89, punch},      // punch-top-left to punch-multiple-bottom
}

func finishingSubstitutes() map[int][]int {
	out := map[int][]int{
		staple:     {20},
		punch:      {74}, // punch-dual-left
		edgeStitch: {24}, // edge-stitch-left
		bind:       {50}, // bind-left
	}
	for _, p := range placedFinishings {
		for n := p.from; n <= p.to; n++ {
			out[n] = []int{p.kind}
		}
	}
	return out
}
