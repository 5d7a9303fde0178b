package main

import (
	"testing"

	"github.com/printscout/printscout/internal/outcome"
)

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		whole, parts int
		claim        claim
		want         verdict
	}{
		{1, 0, printed, good},
		{0, 0, notPrinted, good},
		{2, 0, printed, duplicate},
		{1, 1, printed, duplicate},
		{0, 2, unsure, duplicate},
		{2, 0, stopped, duplicate},
		{3, 0, noEnd, duplicate},
		{0, 0, printed, silentLoss},
		{0, 1, printed, silentLoss},
		{1, 0, notPrinted, falseAlarm},
		{0, 1, notPrinted, falseAlarm},
		{0, 0, unsure, asks},
		{1, 0, unsure, asks},
		{0, 0, stopped, queueStops},
		{1, 0, stopped, queueStops},
		{0, 0, canceled, dropped},
		{0, 0, noEnd, goesOn},
	} {
		if got := judgeClaim(c.whole, c.parts, c.claim); got != c.want {
			t.Errorf("%d whole, %d in part, claim %d: %q, not %q", c.whole, c.parts, c.claim, got, c.want)
		}
	}
}

func TestClaims(t *testing.T) {
	for status, want := range map[int]claim{0: printed, 1: notPrinted, 2: notPrinted, 3: notPrinted, 4: stopped, 5: canceled, 6: notPrinted} {
		if got := backendClaim(status); got != want {
			t.Errorf("exit %d is claim %d, not %d", status, got, want)
		}
	}
	for state, want := range map[outcome.State]claim{
		outcome.Delivered: printed, outcome.NotSent: notPrinted, outcome.Uncertain: unsure, outcome.Canceled: unsure,
	} {
		if got := stateClaim(state); got != want {
			t.Errorf("%s is claim %d, not %d", state, got, want)
		}
	}
}
