package directory

import "slices"

// byStrength lists every grade, weakest first.
var byStrength = []Grade{GradeRaw, GradeIPP, GradeIPPS, GradePinned}

// AtLeast reports whether g protects at least as well as floor. It returns false
// if either is not a known grade.
func (g Grade) AtLeast(floor Grade) bool {
	have, want := slices.Index(byStrength, g), slices.Index(byStrength, floor)
	return want >= 0 && have >= want
}

func (g Grade) isKnown() bool { return slices.Contains(byStrength, g) }
