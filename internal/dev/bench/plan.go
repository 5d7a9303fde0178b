package main

import (
	"fmt"
	"time"
)

// load is what is printed in one round: count documents of one size.
type load struct {
	count   int
	size    int64   // bytes of each
	clients int     // how many print at the same time
	goal    float64 // how many times as fast as ippeveprinter
}

func (l load) String() string {
	if l.count == 1 {
		return formatSize(l.size)
	}
	return fmt.Sprintf("%d × %s", l.count, formatSize(l.size))
}

func (l load) totalBytes() int64 { return int64(l.count) * l.size }

// plan is how much is measured.
type plan struct {
	loads  []load
	rounds int
	copied load // for cp and for the agent's memory

	asked   int           // how often the printer is asked for its attributes
	settled time.Duration // from the start of a tray until it counts as idle
	idle    time.Duration // how long it is then watched

	sealed  []int64     // sizes that the vault and others seal and open
	grown   []int64     // sizes for the vault's memory
	parked  []startPlan // what a start finds
	rotated int         // jobs whose shred key is replaced

	delivered []int64 // sizes for delivery, below blockSize
	orders    int     // rounds for each of them
	followed  int     // number of jobs of three seconds
	troubled  []int64 // sizes for the troubles

	part int // 1: the scout and its peers; 2: the vault and its; 3: delivery and its; 4: the desktop; 0: all
}

// startPlan is how many jobs a start finds, and the goal for it in
// milliseconds, 0 for none.
type startPlan struct {
	jobs int
	goal float64
}

const (
	kB = 1000
	mB = 1000 * kB
	gB = 1000 * mB
)

// Goals: small documents no slower than the peer, large ones 1.5 times as fast, and
// a quarter of the speed of a copy.
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

	asked:   2000,
	settled: 10 * time.Second,
	idle:    time.Minute,

	delivered: []int64{50 * kB, 5 * mB},
	orders:    15,
	followed:  5,
	troubled:  []int64{40 * kB, 3 * mB},

	sealed:  []int64{300 * mB, gB},
	grown:   []int64{mB, 100 * mB, 4 * gB},
	parked:  []startPlan{{1000, 300}, {10_000, 0}},
	rotated: 10_000,
}

var quickPlan = plan{
	loads:  []load{{10, 50 * kB, 1, smallGoal}, {10, 50 * kB, 8, smallGoal}, {1, 10 * mB, 1, largeGoal}},
	rounds: 1,
	copied: load{1, 20 * mB, 1, copyGoal},

	asked:   100,
	settled: time.Second,
	idle:    time.Second,

	delivered: []int64{50 * kB},
	orders:    1,
	followed:  1,
	troubled:  []int64{40 * kB},

	sealed:  []int64{10 * mB},
	grown:   []int64{mB, 20 * mB},
	parked:  []startPlan{{20, 300}},
	rotated: 50,
}

func formatSize(n int64) string {
	switch {
	case n >= gB:
		return fmt.Sprintf("%.4g GB", float64(n)/gB)
	case n >= mB:
		return fmt.Sprintf("%.4g MB", float64(n)/mB)
	}
	return fmt.Sprintf("%.4g KB", float64(n)/kB)
}
