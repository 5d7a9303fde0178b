package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/outcome"
)

// modelVariable says how many deliveries TestModel makes; make soak makes more.
const modelVariable = "PRINTSCOUT_TEST_DELIVERIES"

// TestModel drives random faults through thousands of deliveries, some of
// which break off at a random point and are taken up, and checks after each
// what must always be so: not more than one copy came out; what is said to be
// delivered came out whole; what is said not to be sent did not come out; and
// what is uncertain has its evidence. Its waits are so short that on a slow
// machine any of them may run out: that must not make a difference to this.
func TestModel(t *testing.T) {
	t.Parallel()
	n := 2000
	if testing.Short() {
		n = 200
	}
	if s := os.Getenv(modelVariable); s != "" {
		n, _ = strconv.Atoi(s)
	}
	var mu sync.Mutex
	ends := map[outcome.State]int{}
	t.Run("deliveries", func(t *testing.T) {
		const lanes = 16
		for lane := range lanes {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				for seed := lane; seed < n && !t.Failed(); seed += lanes {
					o := runModel(t, uint64(seed))
					mu.Lock()
					ends[o.State]++
					mu.Unlock()
				}
			})
		}
	})
	t.Logf("of %d deliveries: %v", n, ends)
	for _, s := range []outcome.State{outcome.Delivered, outcome.NotSent, outcome.Uncertain, outcome.Canceled} {
		if ends[s] < n/100 {
			t.Errorf("only %d of %d deliveries ended as %s: the model tries too little", ends[s], n, s)
		}
	}
}

// runModel makes one delivery.
func runModel(t *testing.T, seed uint64) delivery.Outcome {
	dice := rand.New(rand.NewPCG(seed, 1))
	maybe := func(percent int) bool { return dice.IntN(100) < percent }
	config := simprinter.Config{KeepCut: maybe(40), NoOctets: maybe(30), SingleJob: maybe(30)}
	if maybe(30) {
		config.JobNames = []string{"none", "fixed", "upper", "cut"}[dice.IntN(4)]
	}
	if maybe(10) {
		config.Versions = []string{"1.1"}
	}
	if maybe(40) {
		config.Operations = onlyJob
	}
	if maybe(30) {
		config.Delay = time.Duration(dice.IntN(60)) * time.Millisecond
	}
	config.Dir = t.TempDir()
	config.NoTLS = true
	p, err := simprinter.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := &deliveryCall{p: p, content: randomContent([]int{1, 3000, small, 700 << 10}[dice.IntN(4)], 1), limits: shortLimits(), ctx: ctx, cancel: cancel}
	c.doc = documentOf(c.content)
	c.entry = entryOf(p)
	plainOnly(c)
	spoilCall(c, dice, maybe)
	o := breakOff(c, dice, maybe)
	cancel()
	p.Close() // what is still coming has come then
	checkTruthful(t, p, o, c.content)
	if o.State == outcome.Uncertain && len(o.Evidence) == 0 {
		t.Errorf("uncertain without evidence: %+v", o)
	}
	if t.Failed() {
		t.Logf("seed %d: %+v", seed, o)
	}
	return o
}

func shortLimits() delivery.Timeouts {
	l := testLimits()
	l.Wake, l.Ready = 20*time.Millisecond, 20*time.Millisecond
	l.Answer, l.Body, l.Settle, l.Lost, l.Unchanged = 200*time.Millisecond, 200*time.Millisecond, 60*time.Millisecond, 120*time.Millisecond, 200*time.Millisecond
	return l
}

// spoilCall lets a printer and a document fail at random.
func spoilCall(c *deliveryCall, dice *rand.Rand, maybe func(int) bool) {
	statuses := []goipp.Status{goipp.StatusErrorBusy, goipp.StatusErrorInternal, goipp.StatusErrorNotPossible, goipp.StatusErrorNotFound,
		goipp.StatusErrorDocumentFormatError, goipp.StatusErrorTemporary, goipp.StatusErrorForbidden}
	for _, op := range []goipp.Op{getPrn, validate, goipp.OpCreateJob, sendDoc, goipp.OpPrintJob, goipp.OpGetJobAttributes, goipp.OpGetJobs, goipp.OpCancelJob} {
		often := 12
		if op == sendDoc || op == goipp.OpPrintJob {
			often = 60
		}
		if !maybe(often) {
			continue
		}
		f := simprinter.Fault{Times: dice.IntN(3), After: maybe(50)}
		switch dice.IntN(6) {
		case 0:
			f.Status = statuses[dice.IntN(len(statuses))]
			// What a printer refuses by a client error it has not printed.
			f.After = f.After && f.Status >= 0x0500
		case 1:
			f.HTTP = []int{401, 403, 404, 417, 426, 500, 503}[dice.IntN(7)]
		case 2:
			f.Silent = true
		case 3:
			f.CutAfter = breakOffset(dice, c.content)
		case 4:
			f.StallAfter = breakOffset(dice, c.content)
		case 5:
			f.ResetAtEnd = true
		}
		c.p.SetFault(op, f)
	}
	if maybe(40) {
		fate := simprinter.Fate{State: 7 + dice.IntN(3), Never: maybe(10), Forget: maybe(20), NoCancel: maybe(20), NoCount: maybe(20), Stranger: maybe(20)}
		if fate.State == 9 && maybe(30) {
			fate.Reasons = []string{[]string{"document-format-error", "acme-see-panel", "job-incoming"}[dice.IntN(3)]}
		}
		if fate.State < 9 && maybe(50) {
			fate.Impressions = new(1 + dice.IntN(3))
		}
		c.p.SetFate(fate)
	}
	if maybe(10) {
		c.doc.Open = breakingOpener(c.content, dice.IntN(len(c.content)), func() {}, errDisk)
	}
}

// breakOffset is a byte to break off at. Not within the last unit of 1,024 bytes
// that a printer counts: docs/delivery.md, "What is trusted".
func breakOffset(dice *rand.Rand, content []byte) int64 {
	units := (len(content) - 1) / 1024
	if units == 0 {
		return 0
	}
	return 1 + dice.Int64N(int64(units)*1024)
}

// breakOff delivers, and may cancel at a point, let the journal fail there, or
// end there, and then take the delivery up from what the journal has.
func breakOff(c *deliveryCall, dice *rand.Rand, maybe func(int) bool) delivery.Outcome {
	at := []delivery.Step{delivery.StepCreating, delivery.StepCreated, delivery.StepSending, delivery.StepSent, delivery.StepTaken}[dice.IntN(5)]
	ctx, leave := context.WithCancelCause(c.ctx)
	defer leave(nil)
	what := dice.IntN(6)
	var last *delivery.Point
	c.ctx, c.journal = ctx, func(p delivery.Point) error {
		if p.Step != at {
			last = &p
			return nil
		}
		switch what {
		case 0:
			leave(nil)
		case 1:
			return errDisk
		case 2, 3:
			leave(delivery.ErrLeave)
		}
		last = &p
		return nil
	}
	o := c.deliver()
	if last == nil || !errors.Is(context.Cause(ctx), delivery.ErrLeave) || o.Reason != outcome.ReasonLeft {
		return o
	}
	d := delivery.New(delivery.Config{Timeouts: c.limits})
	c.doc.Open = documentOf(c.content).Open
	return d.Resume(context.WithoutCancel(ctx), c.entry, c.doc, delivery.Hooks{}, *last, maybe(50))
}
