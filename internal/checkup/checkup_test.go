package checkup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func look(f func(context.Context) Finding) func(context.Context) Finding { return f }

func passing(context.Context) Finding { return Found(Pass, "It is well.", "") }

// TestHungAndPanickingCheckups wants the others to have their answers, in order,
// and the whole to end with the limit of one checkup, by the clock of the test.
func TestHungAndPanickingCheckups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		freed := make(chan struct{})
		all := []Checkup{
			{"first", "First", passing},
			{"hangs", "Hangs", look(func(context.Context) Finding { <-freed; return Found(Pass, "late", "") })},
			{"panics", "Panics", look(func(context.Context) Finding { panic("it broke\nin two lines") })},
			{"obeys", "Obeys", look(func(ctx context.Context) Finding { <-ctx.Done(); return Found(Warn, "It took too long.", "wait") })},
			{"wrong", "Wrong", look(func(context.Context) Finding { return Finding{State: "fine"} })},
			{"last", "Last", passing},
		}
		r := &Runner{Limit: time.Minute, AtOnce: 3}
		start := time.Now()
		results := r.Run(t.Context(), all)
		if took := time.Since(start); took > 3*time.Minute {
			t.Errorf("it took %s", took)
		}
		want := []State{Pass, Error, Error, Warn, Error, Pass}
		for i, x := range results {
			if x.ID != all[i].ID || x.Title != all[i].Title || x.State != want[i] {
				if x.ID == "obeys" && x.State == Error {
					continue // the runner was as fast as the checkup
				}
				t.Errorf("%s: %+v, want %s", all[i].ID, x, want[i])
			}
		}
		if s := results[2].Summary; s != "The checkup itself failed: it broke in two lines." {
			t.Errorf("a panic is told as %q", s)
		}
		if again := r.Run(t.Context(), all[1:2]); again[0].State != Error || !strings.Contains(again[0].Summary, "has not ended") {
			t.Errorf("a checkup that hangs is started again: %+v", again)
		}
		close(freed)
		synctest.Wait()
		if again := r.Run(t.Context(), all[1:2]); again[0].State != Pass {
			t.Errorf("a checkup that has ended is not started again: %+v", again)
		}
	})
}

func TestRunIsBoundedAndInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		var all []Checkup
		for i := range 20 {
			all = append(all, Checkup{fmt.Sprint("c", i), "C", func(ctx context.Context) Finding {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
				}
				return passing(ctx)
			}})
		}
		(&Runner{AtOnce: 4}).Run(t.Context(), all)
		if most.Load() > 4 {
			t.Errorf("%d ran at once", most.Load())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		hangs := []Checkup{{"h", "H", func(ctx context.Context) Finding { <-ctx.Done(); time.Sleep(time.Second); return passing(ctx) }}}
		if got := (&Runner{}).Run(ctx, hangs); got[0].State != Error {
			t.Errorf("an interrupted checkup: %+v", got)
		}
		time.Sleep(2 * time.Second) // of the test's clock: what was left behind ends
	})
}

func TestFindings(t *testing.T) {
	var f Findings
	if got := f.Finding("All is well."); got.State != Pass || got.Summary != "All is well." {
		t.Errorf("nothing found: %+v", got)
	}
	f.Add(Info, "One.", "")
	f.Add(Fail, "Two.", "do that", Repair{Does: "that"})
	f.Add(Warn, "Three.", "do that")
	f.Failed(errors.New("reading: it is not there"), "look")
	got := f.Finding("unused")
	if got.State != Fail || got.Summary != "One. Two. Three. Reading: it is not there." || got.Fix != "do that; look" || len(got.Repairs) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{
		"": "", ".": "", "a": "A.", "it\n is\x80 so...": "It is so.", strings.Repeat("é", 600): strings.Repeat("é", 248) + ".",
	} {
		if got := Sentence(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestIsWell(t *testing.T) {
	for state, want := range map[State]bool{Pass: true, Info: true, Warn: false, Fail: false, Error: false} {
		if got := IsWell([]Result{{State: Pass}, {State: state}}); got != want {
			t.Errorf("%s: %v", state, got)
		}
	}
}

func TestRepairs(t *testing.T) {
	made := 0
	do := func(err error) func(context.Context) error {
		return func(context.Context) error { made++; return err }
	}
	results := (&Runner{}).Run(t.Context(), []Checkup{
		{"a", "A", func(context.Context) Finding {
			return Finding{State: Fail, Repairs: []Repair{{"one", false, do(nil)}, {"two", true, do(fmt.Errorf("no: %w", fs.ErrPermission))}, {"three", false, do(errors.New("broken"))}}}
		}},
		{"b", "B", passing},
	})
	if !results[0].Fixable || results[1].Fixable {
		t.Errorf("fixable: %+v", results)
	}
	var said []string
	announce := func(does string) { said = append(said, does) }
	dry := RepairAll(t.Context(), results, true, announce)
	if made != 0 || len(dry["a"]) != 3 || dry["a"][0].State != RepairPlanned || !dry["a"][1].NeedsRoot {
		t.Errorf("a dry run made %d: %+v", made, dry)
	}
	got := RepairAll(t.Context(), results, false, announce)["a"]
	if made != 3 || got[0].State != RepairDone || got[1].State != RepairNotPermitted || got[2].State != RepairFailed || got[2].Error != "broken" {
		t.Errorf("%+v", got)
	}
	if strings.Join(said, " ") != "one two three one two three" {
		t.Errorf("announced %v", said)
	}
	if after := WithRepairs(results, map[string][]Repaired{"a": got}); len(after[0].Repaired) != 3 || after[1].Repaired != nil {
		t.Errorf("%+v", after)
	}
}

func TestFreeBytes(t *testing.T) {
	if n, err := FreeBytes(t.TempDir()); err != nil || n == 0 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := FreeBytes(t.TempDir() + "/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
