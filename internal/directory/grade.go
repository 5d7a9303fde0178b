package directory

import "slices"

// byStrength lists every grade, weakest first.
var byStrength = []Grade{GradeRaw, GradeIPP, GradeIPPS, GradePinned}

// AtLeast reports whether g protects as well as floor. It is false when either
// is no known grade.
func (g Grade) AtLeast(floor Grade) bool {
	have, want := slices.Index(byStrength, g), slices.Index(byStrength, floor)
	return want >= 0 && have >= want
}

func (g Grade) isKnown() bool { return slices.Contains(byStrength, g) }
