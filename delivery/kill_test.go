//go:build unix

package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// killedProcess is a program that delivers, and is killed at a moment of its
// choice. What it does is told to it in the environment of a second start of
// this test program, so that the kernel does with its connections what it
// does.
type killedProcess struct {
	Entry   directory.Printer
	Size    int
	Journal string // file of points, a line each
	Outcome string // file of the outcome
	Die     string // a step, with a - in front of it before the step is written down; half: in mid-document; "" lives
	Again   bool   // the order is fresh
}

const lifeVariable = "PRINTSCOUT_TEST_LIFE"

// canBeKilled lives a life, if this program was started for one.
func canBeKilled() bool {
	raw := os.Getenv(lifeVariable)
	if raw == "" {
		return false
	}
	var l killedProcess
	if err := json.Unmarshal([]byte(raw), &l); err != nil {
		panic(err)
	}
	l.deliverUntilKilled()
	return true
}

func killSelf() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

func (l killedProcess) deliverUntilKilled() {
	d := delivery.New(delivery.Config{Timeouts: testLimits()})
	hooks := delivery.Hooks{Journal: l.writePoint}
	var o delivery.Outcome
	if last := lastPoint(l.Journal); last != nil {
		o = d.Resume(context.Background(), l.Entry, l.testDocument(), hooks, *last, l.Again)
	} else {
		o = d.Deliver(context.Background(), l.Entry, l.testDocument(), hooks)
	}
	b, err := json.Marshal(o)
	if err == nil {
		err = os.WriteFile(l.Outcome, b, 0o600)
	}
	if err != nil {
		panic(err)
	}
}

func (l killedProcess) testDocument() delivery.Document {
	b := randomContent(l.Size, 1)
	doc := documentOf(b)
	if l.Die == "half" {
		doc.Open = breakingOpener(b, l.Size/2, killSelf, nil)
	}
	return doc
}

func (l killedProcess) writePoint(p delivery.Point) error {
	if l.Die == "-"+string(p.Step) {
		killSelf()
	}
	f, err := os.OpenFile(l.Journal, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(b, '\n')); err != nil {
		return err
	}
	if l.Die == string(p.Step) {
		killSelf()
	}
	return nil
}

func lastPoint(file string) (last *delivery.Point) {
	b, _ := os.ReadFile(file)
	for line := range bytes.Lines(b) {
		last = new(delivery.Point)
		if err := json.Unmarshal(line, last); err != nil {
			panic(err)
		}
	}
	return last
}

// runProcess lives a life; false if it was killed.
func (l killedProcess) runProcess(tb testing.TB) (o delivery.Outcome, lived bool) {
	tb.Helper()
	raw, err := json.Marshal(l)
	if err != nil {
		tb.Fatal(err)
	}
	c := exec.CommandContext(tb.Context(), os.Args[0])
	c.Env = append(os.Environ(), lifeVariable+"="+string(raw))
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Run(); err != nil {
		if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
			tb.Fatalf("%v: %s", err, said.String())
		}
		return o, false
	}
	b, err := os.ReadFile(l.Outcome)
	if err == nil {
		err = json.Unmarshal(b, &o)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return o, true
}

var moments = []string{
	"-creating", "creating", "-created", "created", "-sending", "sending", "half", "-sent", "sent", "-taken", "taken",
}

// TestKilledAtEachPoint kills the program that delivers before and after each
// point of its journal and in mid-document, at printers of each kind, and then
// lets a second one take the delivery up, with the order fresh and not.
func TestKilledAtEachPoint(t *testing.T) {
	t.Parallel()
	kinds := map[string]simprinter.Config{
		"create and send":         {},
		"print-job":               {Operations: onlyJob},
		"keeps what broke off":    {KeepCut: true},
		"print-job, keeps, slow":  {Operations: onlyJob, KeepCut: true, Delay: 100 * time.Millisecond},
		"single job, slow":        {SingleJob: true, Delay: 100 * time.Millisecond},
		"counts no bytes":         {NoOctets: true},
		"knows nothing of it":     {},
		"print-job, no knowledge": {Operations: onlyJob},
	}
	for kind, config := range kinds {
		for _, moment := range moments {
			if config.Operations != nil && (moment == "created" || moment == "-created") {
				continue
			}
			for _, again := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/fresh=%v", kind, moment, again), func(t *testing.T) {
					t.Parallel()
					forgets := kind == "knows nothing of it" || kind == "print-job, no knowledge"
					if forgets {
						peers.Short(t, "a printer that is asked for long")
					}
					c := newCall(t, config, large)
					c.p.SetFate(simprinter.Fate{Forget: forgets})
					l := lifeOf(t, c, again)
					l.Die = moment
					if o, lived := l.runProcess(t); lived {
						t.Fatalf("it lived: %+v", o)
					}
					l.Die = ""
					o, _ := l.runProcess(t)
					checkTruthful(t, c.p, o, c.content)
					nothingLeft(t, c.p)
					if want := afterKill(moment, again); !forgets && !slices.Contains(want, o.State) {
						t.Errorf("%s (%s), want %s: %s %q", o.State, o.Reason, want, o.Message, o.Evidence)
					}
					if o.State == outcome.Uncertain && len(o.Evidence) < 2 {
						t.Errorf("no evidence: %+v", o)
					}
				})
			}
		}
	}
}

func lifeOf(t *testing.T, c *deliveryCall, again bool) killedProcess {
	dir := t.TempDir()
	return killedProcess{Entry: c.entry, Size: len(c.content), Again: again, Journal: filepath.Join(dir, "journal"), Outcome: filepath.Join(dir, "outcome")}
}

// afterKill returns what a delivery may end in at a printer that tells the
// truth of its jobs.
func afterKill(moment string, again bool) []outcome.State {
	switch moment {
	case "-creating":
		return []outcome.State{outcome.Delivered} // nothing was begun: it is delivered as if for the first time
	case "creating", "-created", "created", "-sending":
		if again {
			return []outcome.State{outcome.Delivered}
		}
		return []outcome.State{outcome.NotSent}
	case "sending", "half":
		if again {
			return []outcome.State{outcome.Delivered, outcome.Uncertain}
		}
		return []outcome.State{outcome.NotSent, outcome.Uncertain}
	case "-sent", "sent": // what the system still had of it may have gone with the program
		return []outcome.State{outcome.Delivered, outcome.NotSent, outcome.Uncertain}
	}
	return []outcome.State{outcome.Delivered, outcome.Uncertain}
}

// TestKilledAgainAndAgain kills every program that takes the delivery up, at
// random moments, until one is let live.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	for seed := range 40 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(uint64(seed), 5))
			config := simprinter.Config{KeepCut: dice.IntN(2) == 0, NoOctets: dice.IntN(3) == 0, SingleJob: dice.IntN(2) == 0}
			if dice.IntN(2) == 0 {
				config.Operations = onlyJob
			}
			config.Delay = time.Duration(dice.IntN(200)) * time.Millisecond
			c := newCall(t, config, []int{small, large}[dice.IntN(2)])
			l := lifeOf(t, c, true)
			for range 1 + dice.IntN(4) {
				l.Die = moments[dice.IntN(len(moments))]
				l.Again = dice.IntN(4) > 0
				if o, lived := l.runProcess(t); lived {
					checkTruthful(t, c.p, o, c.content)
					return
				}
			}
			l.Die = ""
			o, _ := l.runProcess(t)
			checkTruthful(t, c.p, o, c.content)
			nothingLeft(t, c.p)
		})
	}
}
