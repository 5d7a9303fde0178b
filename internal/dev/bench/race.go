package main

// Names of runners.
const (
	byAgent   = "agent"
	byCommand = "command line"
	byTool    = "ipptool"
	byCUPS    = "ipp backend of CUPS"
)

// runner sends a document to a printer and times that.
type runner struct {
	name string
	run  func() (timing, error)
}

// runRace lets runners run in turn, once before measuring, and returns the timings
// of each by its name.
func (m *measurement) runRace(runners []runner) (map[string][]timing, error) {
	runs := make([]func() (timing, error), len(runners))
	for i, r := range runners {
		runs[i] = r.run
	}
	if _, err := inTurn(1, runs); err != nil {
		return nil, err
	}
	all, err := inTurn(m.orders, runs)
	if err != nil {
		return nil, err
	}
	got := map[string][]timing{}
	for i, r := range runners {
		got[r.name] = all[i]
	}
	return got, nil
}
