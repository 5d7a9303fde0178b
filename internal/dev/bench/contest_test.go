package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestContest(t *testing.T) {
	var r report
	r.addContest(contest{What: "faster", Against: "p", Unit: "ms", Goal: 1}, []float64{9, 3, 5}, []float64{7, 20, 10})
	r.addContest(contest{What: "slower", Against: "p", Unit: "ms", Goal: 1}, []float64{1000}, []float64{500})
	r.addContest(contest{What: "no goal", Against: "p", Unit: "B"}, []float64{371}, []float64{7136})
	r.addContest(contest{What: "alone", Against: "p", Unit: "ms", Goal: 1}, []float64{1, 2}, nil)
	var b bytes.Buffer
	r.writeContests(&b)
	for _, want := range []string{
		"| faster | 5.0 ms (3.0 to 9.0) | p | 10.0 ms (7.0 to 20.0) | 2 of 3 | 2.00 | 1.00 | met |\n",
		"| slower | 1000 ms | p | 500 ms | 0 of 1 | 0.50 | 1.00 | not met |\n",
		"| no goal | 371 B | p | 7136 B | 1 of 1 | 19.23 | — | — |\n",
		"| alone | 2.0 ms (1.0 to 2.0) | p | — | — | — | 1.00 | — |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &b)
		}
	}
	if r.Contests[3].Met {
		t.Error("a goal is met against nobody")
	}
}

func TestTimings(t *testing.T) {
	all := []timing{{first: 1500 * time.Microsecond, sending: 1, total: time.Second, late: -time.Millisecond, reported: 4 * time.Millisecond}}
	for _, c := range []struct {
		got  []float64
		want float64
	}{{firstTimes(all), 1.5}, {sendingTimes(all), 0}, {totalTimes(all), 1000}, {lateTimes(all), -1}, {reportedTimes(all), 4}} {
		if len(c.got) != 1 || c.got[0] != c.want {
			t.Errorf("%v, not %v ms", c.got, c.want)
		}
	}
}

func TestMiddle(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{nil, 0}, {[]float64{4}, 4}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 3}} {
		if got := medianOf(c.of); got != c.want {
			t.Errorf("of %v: %v", c.of, got)
		}
	}
}
