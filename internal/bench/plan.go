package main

import "fmt"

// load is what is printed in one round: so many documents of one size, by so
// many clients at a time.
type load struct {
	count   int
	size    int64 // bytes of each
	clients int
	goal    float64 // how many times as fast as ippeveprinter
}

func (l load) String() string {
	if l.count == 1 {
		return size(l.size)
	}
	return fmt.Sprintf("%d × %s", l.count, size(l.size))
}

func (l load) bytes() int64 { return int64(l.count) * l.size }

// plan is how much is measured.
type plan struct {
	loads  []load
	rounds int
	copied load // what cp copies and the memory is looked at with
	parked int  // jobs that a start finds
}

const (
	kB = 1000
	mB = 1000 * kB
	gB = 1000 * mB
)

// Goals: small documents no slower, large ones half as fast again; a quarter
// of the speed of a copy.
const (
	smallGoal = 1.0
	largeGoal = 1.5
	copyGoal  = 0.25
)

var fullPlan = plan{
	loads: []load{
		{100, 50 * kB, 1, smallGoal}, {100, 50 * kB, 32, smallGoal},
		{40, 5 * mB, 1, smallGoal}, {40, 5 * mB, 32, smallGoal},
		{1, 300 * mB, 1, largeGoal},
		{1, gB, 1, largeGoal},
	},
	rounds: 5,
	copied: load{1, gB, 1, copyGoal},
	parked: 1000,
}

var quickPlan = plan{
	loads:  []load{{10, 50 * kB, 1, smallGoal}, {10, 50 * kB, 8, smallGoal}, {1, 10 * mB, 1, largeGoal}},
	rounds: 1,
	copied: load{1, 20 * mB, 1, copyGoal},
	parked: 20,
}

func size(n int64) string {
	switch {
	case n >= gB:
		return fmt.Sprintf("%.4g GB", float64(n)/gB)
	case n >= mB:
		return fmt.Sprintf("%.4g MB", float64(n)/mB)
	}
	return fmt.Sprintf("%.4g KB", float64(n)/kB)
}
