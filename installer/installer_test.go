//go:build unix

package installer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a computer of made-up steps: each puts its name into a set.
type bench struct {
	there  map[string]bool
	saved  []byte // the record on disk
	steps  []Step
	broken string // the step that fails
	kill   string // the point at which the process is killed
	order  []string
}

func newBench(names ...string) *bench {
	b := &bench{there: map[string]bool{}}
	for _, name := range names {
		b.steps = append(b.steps, b.step(name))
	}
	return b
}

// step marks a name with ? as optional, with ! as one that only purge undoes.
func (b *bench) step(mark string) Step {
	name := strings.Trim(mark, "?!")
	return Step{
		Name: name, Optional: strings.Contains(mark, "?"), Keep: strings.Contains(mark, "!"),
		Plan: func(context.Context) (string, error) {
			if b.there[name] {
				return "", nil
			}
			return "make " + name, nil
		},
		Do: func(_ context.Context, e *Entry) (string, error) {
			b.order = append(b.order, "do "+name)
			if err := e.keep("made", name); err != nil {
				return "", err
			}
			if b.kill == "within "+name {
				b.there[name] = true
				return "", errKilled
			}
			if b.broken == name {
				b.there[name] = true // half done
				return "", errors.New("it is broken")
			}
			if b.there[name] {
				return "", nil
			}
			b.there[name] = true
			return "made " + name, nil
		},
		Undo: func(_ context.Context, e *Entry) (string, error) {
			b.order = append(b.order, "undo "+name)
			if b.kill == "within undoing "+name {
				return "", errKilled
			}
			if !b.there[name] {
				return "", nil
			}
			delete(b.there, name)
			return "removed " + name, nil
		},
	}
}

// uninstall runs uninstall in a new process.
func (b *bench) uninstall(t *testing.T, purge bool) (*Result, error) {
	t.Helper()
	r := &Result{Outcome: Complete}
	err := b.engine(t).uninstall(t.Context(), r, purge)
	return r, err
}

// engine is a new process: it knows what is on disk.
func (b *bench) engine(t *testing.T) *engine {
	t.Helper()
	record := new(Record)
	if b.saved != nil {
		var err error
		if record, err = parseRecord(b.saved); err != nil {
			t.Fatalf("the record: %v\n%s", err, b.saved)
		}
	}
	record.write = func(raw []byte) error { b.saved = slices.Clone(raw); return nil }
	return &engine{steps: b.steps, record: record, fault: func(point string) error {
		if point == b.kill {
			return errKilled
		}
		return nil
	}}
}

func (b *bench) want(t *testing.T, state string, there ...string) {
	t.Helper()
	if got := slices.Sorted(maps.Keys(b.there)); !slices.Equal(got, there) {
		t.Errorf("there is %v, want %v", got, there)
	}
	record, err := parseRecord(b.saved)
	if err != nil || record.State != state {
		t.Errorf("the record is %s, want the state %s", b.saved, state)
	}
}

func states(r *Result) (all []string) {
	for _, s := range r.Steps {
		all = append(all, s.Step+" "+s.State)
	}
	return all
}

func TestInstallAndUninstallTwice(t *testing.T) {
	b := newBench("a!", "b", "c?")
	for i, want := range []string{"a changed b changed c changed", "a unchanged b unchanged c unchanged"} {
		r, err := b.engine(t).install(t.Context())
		if got := strings.Join(states(r), " "); err != nil || r.Outcome != Complete || got != want {
			t.Errorf("install %d: %v, %s, %s", i, err, r.Outcome, got)
		}
		b.want(t, stateInstalled, "a", "b", "c")
	}
	for i, want := range []string{"c undone b undone a kept", "c unchanged b unchanged a kept"} {
		r, err := b.uninstall(t, false)
		if got := strings.Join(states(r), " "); err != nil || r.Outcome != Complete || got != want {
			t.Errorf("uninstall %d: %v, %s, %s", i, err, r.Outcome, got)
		}
		b.want(t, stateRemoved, "a")
	}
	if r, err := b.uninstall(t, true); err != nil || r.Outcome != Complete {
		t.Errorf("purge: %v, %s", err, r.Outcome)
	}
	b.want(t, stateRemoved)
}

// TestFailureIsUndoneInOrder: the first installation leaves nothing, a later one
// what was there before.
func TestFailureIsUndoneInOrder(t *testing.T) {
	for _, broken := range []string{"a", "b", "d"} {
		b := newBench("a!", "b", "c?", "d")
		b.broken = broken
		r, err := b.engine(t).install(t.Context())
		if err == nil || r.Outcome != NotDone || !strings.Contains(err.Error(), broken+": it is broken") {
			t.Errorf("%s is broken: %v, %s", broken, err, r.Outcome)
		}
		b.want(t, stateRemoved)
		undone := slices.DeleteFunc(slices.Clone(b.order), func(s string) bool { return !strings.HasPrefix(s, "undo") })
		done := slices.DeleteFunc(slices.Clone(b.order), func(s string) bool { return strings.HasPrefix(s, "undo") })
		for i, j := 0, len(undone)-1; i < len(done); i, j = i+1, j-1 {
			if j < 0 || "un"+done[i] != undone[j] {
				t.Errorf("the order is %v", b.order)
				break
			}
		}
	}
	b := newBench("a!", "b", "c?")
	if _, err := b.engine(t).install(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.steps = append(b.steps, b.step("d"))
	b.broken = "d"
	if r, err := b.engine(t).install(t.Context()); err == nil || r.Outcome != NotDone {
		t.Errorf("%v, %s", err, r.Outcome)
	}
	b.want(t, stateInstalled, "a", "b", "c")
}

func TestOptionalStepMayFail(t *testing.T) {
	b := newBench("a", "b?", "c")
	b.broken = "b"
	r, err := b.engine(t).install(t.Context())
	if err != nil || r.Outcome != Partial {
		t.Errorf("%v, %s", err, r.Outcome)
	}
	b.want(t, stateInstalled, "a", "c")
	b.broken = ""
	if r, err := b.engine(t).install(t.Context()); err != nil || r.Outcome != Complete {
		t.Errorf("again: %v, %s", err, r.Outcome)
	}
	b.want(t, stateInstalled, "a", "b", "c")

	b.steps[1].Do = func(context.Context, *Entry) (string, error) {
		return "", &Problem{Err: errors.New("another's"), Fatal: true}
	}
	if r, err := b.engine(t).install(t.Context()); err == nil || r.Outcome != NotDone {
		t.Errorf("a fatal problem: %v, %s", err, r.Outcome)
	}
	b.want(t, stateInstalled, "a", "b", "c")
}

// TestKilledAtAnyPoint kills install or uninstall at every point, and then runs
// each of the commands.
func TestKilledAtAnyPoint(t *testing.T) {
	names := []string{"a!", "b", "c?"}
	var points []string
	for _, n := range []string{"a", "b", "c"} {
		for _, p := range []string{"before %s", "within %s", "after %s", "before undoing %s", "within undoing %s", "after undoing %s"} {
			points = append(points, fmt.Sprintf(p, n))
		}
	}
	for _, point := range points {
		for _, then := range []string{"install", "uninstall", "purge"} {
			t.Run(point+", then "+then, func(t *testing.T) {
				b := newBench(names...)
				b.kill = point
				_, err := b.engine(t).install(t.Context())
				if strings.Contains(point, "undoing") {
					_, err = b.uninstall(t, true)
				}
				if !errors.Is(err, errKilled) {
					t.Fatalf("it was not killed: %v", err)
				}
				b.kill = ""
				switch then {
				case "install":
					if r, err := b.engine(t).install(t.Context()); err != nil || r.Outcome != Complete {
						t.Errorf("%v, %s", err, r.Outcome)
					}
					b.want(t, stateInstalled, "a", "b", "c")
				case "purge":
					if r, err := b.uninstall(t, true); err != nil || r.Outcome != Complete {
						t.Errorf("%v, %s", err, r.Outcome)
					}
					b.want(t, stateRemoved)
				case "uninstall":
					if r, err := b.uninstall(t, false); err != nil || r.Outcome != Complete {
						t.Errorf("%v, %s", err, r.Outcome)
					}
					for _, gone := range []string{"b", "c"} {
						if b.there[gone] {
							t.Errorf("%s is left", gone)
						}
					}
				}
			})
		}
	}
}

// TestKilledThenBroken: what a killed installation did is undone by the next one
// that fails.
func TestKilledThenBroken(t *testing.T) {
	b := newBench("a", "b", "c")
	b.kill = "after b"
	if _, err := b.engine(t).install(t.Context()); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	b.kill, b.broken = "", "a"
	if _, err := b.engine(t).install(t.Context()); err == nil {
		t.Error("it succeeded")
	}
	b.want(t, stateRemoved)
}

func TestInterruptionIsUndone(t *testing.T) {
	b := newBench("a", "b")
	ctx, cancel := context.WithCancel(t.Context())
	second := b.steps[1].Do
	b.steps[1].Do = func(ctx context.Context, e *Entry) (string, error) {
		if _, err := second(ctx, e); err != nil {
			return "", err
		}
		cancel()
		return "", ctx.Err()
	}
	r, err := b.engine(t).install(ctx)
	if !errors.Is(err, context.Canceled) || r.Outcome != Interrupted {
		t.Errorf("%v, %s", err, r.Outcome)
	}
	b.want(t, stateRemoved)
}

func TestUninstallGoesOnAfterAFailure(t *testing.T) {
	b := newBench("a", "b", "c")
	if _, err := b.engine(t).install(t.Context()); err != nil {
		t.Fatal(err)
	}
	undo := b.steps[1].Undo
	b.steps[1].Undo = func(context.Context, *Entry) (string, error) {
		return "", &Problem{Err: errors.New("busy"), Hint: "wait"}
	}
	r, err := b.uninstall(t, true)
	if err != nil || r.Outcome != Partial || r.Steps[1].Hint != "wait" {
		t.Errorf("%v, %+v", err, r)
	}
	b.want(t, stateRemoving, "b")
	b.steps[1].Undo = undo
	if r, err := b.uninstall(t, true); err != nil || r.Outcome != Complete {
		t.Errorf("again: %v, %s", err, r.Outcome)
	}
	b.want(t, stateRemoved)
}

func TestPlanChangesNothing(t *testing.T) {
	b := newBench("a", "b")
	b.there["a"] = true
	r := (&engine{steps: b.steps}).plan(t.Context())
	if got := strings.Join(states(r), " "); got != "a unchanged b would-change" || !r.DryRun || b.saved != nil || b.there["b"] {
		t.Errorf("%s, %v, %s", got, b.there, b.saved)
	}
}

// FuzzRecord: a record that can be read is written and read again as it was.
func FuzzRecord(f *testing.F) {
	b := newBench("a", "b")
	if _, err := b.engine(&testing.T{}).install(context.Background()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.saved)
	f.Add([]byte(`{"version":1,"state":"removed","steps":[null]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := parseRecord(raw)
		if err != nil {
			return
		}
		var first, second []byte
		r.write = func(b []byte) error { first = b; return nil }
		if err := r.save(); err != nil {
			t.Fatal(err)
		}
		again, err := parseRecord(first)
		if err != nil {
			t.Fatalf("%v: %s", err, first)
		}
		again.write = func(b []byte) error { second = b; return nil }
		if err := again.save(); err != nil || string(first) != string(second) {
			t.Errorf("%v: %s, then %s", err, first, second)
		}
	})
}
