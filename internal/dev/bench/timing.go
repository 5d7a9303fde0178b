package main

import "time"

// timing is how long a document took, from the order.
type timing struct {
	first    time.Duration // until its first bytes reached the printer
	sending  time.Duration // the same, from the start of their connection
	total    time.Duration // until the sender ended
	late     time.Duration // from the end of the printer's job command to the sender's end; below 0 if the sender does not wait
	reported time.Duration // first, as the scout itself reports it
}

func firstTimes(all []timing) []float64 {
	return timesInMS(all, func(t timing) time.Duration { return t.first })
}
func sendingTimes(all []timing) []float64 {
	return timesInMS(all, func(t timing) time.Duration { return t.sending })
}
func totalTimes(all []timing) []float64 {
	return timesInMS(all, func(t timing) time.Duration { return t.total })
}
func lateTimes(all []timing) []float64 {
	return timesInMS(all, func(t timing) time.Duration { return t.late })
}
func reportedTimes(all []timing) []float64 {
	return timesInMS(all, func(t timing) time.Duration { return t.reported })
}

// timesInMS returns one time of each timing, in milliseconds.
func timesInMS(all []timing, f func(timing) time.Duration) []float64 {
	out := make([]float64, len(all))
	for i, t := range all {
		out[i] = float64(f(t).Microseconds()) / 1000
	}
	return out
}
