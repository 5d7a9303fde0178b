package delivery

import (
	"testing"

	"github.com/printscout/printscout/internal/outcome"
)

// TestRawEnds is what speaks against a document that a printer took whole.
func TestRawEnds(t *testing.T) {
	right := rawCounting{Names: true, Right: true}
	counter := rawCounting{Counter: true}
	out := func(pages *int, whole, least int) rawEnd {
		return rawEnd{level: outcome.RawOut, ended: true, pages: pages, whole: whole, least: least}
	}
	with := func(e rawEnd, change func(*rawEnd)) rawEnd { change(&e); return e }
	for name, c := range map[string]struct {
		end    rawEnd
		reason string
	}{
		"counted right":                                 {out(new(4), 4, 4), ""},
		"counted more":                                  {out(new(5), 4, 4), ""},
		"counted nothing":                               {out(new(0), 4, 4), outcome.ReasonWithErrors},
		"counted nothing of who knows how much":         {out(new(0), 0, 0), outcome.ReasonWithErrors},
		"counted nothing, and the counter grew":         {with(out(new(0), 4, 4), func(e *rawEnd) { e.grown = new(int64(4)) }), ""},
		"counted nothing, and the counter grew by less": {with(out(new(0), 4, 4), func(e *rawEnd) { e.grown = new(int64(3)) }), outcome.ReasonWithErrors},
		"fewer, never right":                            {out(new(3), 4, 4), ""},
		"fewer, named before":                           {with(out(new(3), 4, 4), func(e *rawEnd) { e.before = rawCounting{Names: true} }), ""},
		"fewer, right before":                           {with(out(new(3), 4, 4), func(e *rawEnd) { e.before = right }), outcome.ReasonMissing},
		"sheets, right before":                          {with(out(new(2), 4, 2), func(e *rawEnd) { e.before = right }), ""},
		"fewer of an estimate":                          {with(out(new(3), 0, 0), func(e *rawEnd) { e.before = right }), ""},
		"not named":                                     {out(nil, 4, 4), ""},
		"not named, named before":                       {with(out(nil, 4, 4), func(e *rawEnd) { e.before = right }), outcome.ReasonWithErrors},
		"no end, named before":                          {rawEnd{level: outcome.RawRead, whole: 4, least: 4, before: right}, ""},
		"read":                                          {rawEnd{level: outcome.RawRead}, ""},
		"closed":                                        {rawEnd{level: outcome.RawClosed}, ""},
		"lost":                                          {with(out(new(4), 4, 4), func(e *rawEnd) { e.lost = "x" }), outcome.ReasonWithErrors},
		"lost, no end":                                  {rawEnd{level: outcome.RawClosed, lost: "x"}, outcome.ReasonWithErrors},
		"early":                                         {rawEnd{level: outcome.RawRead, early: true}, outcome.ReasonWithErrors},
		"early and again":                               {with(out(new(4), 4, 4), func(e *rawEnd) { e.early = true }), outcome.ReasonWithErrors},
		"waits, counted":                                {with(out(new(4), 4, 4), func(e *rawEnd) { e.waits = "x" }), ""},
		"waits, not counted":                            {with(out(nil, 4, 4), func(e *rawEnd) { e.waits = "x" }), outcome.ReasonStillPrinting},
		"waits, no end":                                 {rawEnd{level: outcome.RawRead, waits: "x"}, outcome.ReasonStillPrinting},
		"waits, closed":                                 {rawEnd{level: outcome.RawClosed, waits: "x"}, outcome.ReasonStillPrinting},
		"counter stood still":                           {rawEnd{level: outcome.RawClosed, whole: 4, least: 4, grown: new(int64(0)), before: counter}, outcome.ReasonWithErrors},
		"counter stood still, as ever":                  {rawEnd{level: outcome.RawClosed, whole: 4, least: 4, grown: new(int64(0))}, ""},
		"counter grew by sheets":                        {rawEnd{level: outcome.RawRead, whole: 4, least: 2, grown: new(int64(2)), before: counter}, ""},
		"counter not read":                              {rawEnd{level: outcome.RawRead, whole: 4, least: 4, before: counter}, ""},
		"counter went back":                             {rawEnd{level: outcome.RawRead, whole: 4, least: 4, grown: new(int64(-100)), before: counter}, outcome.ReasonWithErrors},
	} {
		reason, why := c.end.evidenceAgainst()
		if reason != c.reason || (why == "") != (reason == "") {
			t.Errorf("%s: %q, %q", name, reason, why)
		}
	}
}

func TestLeastPages(t *testing.T) {
	for _, c := range []struct {
		whole, copies int
		bothSides     bool
		want          int
	}{
		{0, 0, false, 0}, {4, 0, false, 4}, {4, 1, false, 4}, {5, 1, true, 3}, {12, 3, false, 4}, {15, 3, true, 3},
	} {
		if got := leastPages(c.whole, c.copies, c.bothSides); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestRawCountingIsLearned(t *testing.T) {
	end := func(pages *int, whole int) rawEnd { return rawEnd{level: outcome.RawOut, pages: pages, whole: whole} }
	for name, c := range map[string]struct {
		ends []rawEnd
		want rawCounting
	}{
		"nothing said":           {[]rawEnd{{level: outcome.RawRead}, end(nil, 4)}, rawCounting{}},
		"one page tells little":  {[]rawEnd{end(new(1), 1)}, rawCounting{Names: true}},
		"right":                  {[]rawEnd{end(new(4), 4), end(new(3), 4)}, rawCounting{Names: true, Right: true}},
		"wrong":                  {[]rawEnd{end(new(2), 4)}, rawCounting{Names: true}},
		"an estimate is no test": {[]rawEnd{end(new(2), 0)}, rawCounting{Names: true}},
		"the counter grew":       {[]rawEnd{{level: outcome.RawClosed, whole: 1, grown: new(int64(1))}}, rawCounting{Counter: true}},
		"the counter knew better": {[]rawEnd{end(new(4), 4), {level: outcome.RawOut, pages: new(1), whole: 4, grown: new(int64(4))}},
			rawCounting{Names: true, Counter: true}},
	} {
		var got rawCounting
		for _, e := range c.ends {
			got.learnFrom(e)
		}
		if got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
