package spooler

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// testClock is a clock that a test sets.
type testClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (r *testPrinter) subscriptionRequest(op goipp.Op, about goipp.Attributes, attrs ...goipp.Attribute) *goipp.Message {
	m := r.newRequest(op, about...)
	m.Subscription = append(goipp.Attributes{ipp.Keyword("notify-pull-method", "ippget")}, attrs...)
	return m
}

// createSubscription creates one subscription and returns its id.
func (r *testPrinter) createSubscription(op goipp.Op, about goipp.Attributes, attrs ...goipp.Attribute) int {
	r.Helper()
	id, ok := ipp.Int(r.mustDo(goipp.StatusOk, r.subscriptionRequest(op, about, attrs...)).Subscription, "notify-subscription-id")
	if !ok {
		r.Fatal("no number")
	}
	return id
}

// getEvents returns the events of a subscription, as event:state.
func (r *testPrinter) getEvents(want goipp.Status, id int, attrs ...goipp.Attribute) (out []string) {
	r.Helper()
	m := r.newRequest(goipp.OpGetNotifications, append(attrs, ipp.Integer("notify-subscription-ids", id))...)
	for _, g := range r.mustDo(want, m).Groups {
		if g.Tag != goipp.TagEventNotificationGroup {
			continue
		}
		state, ok := ipp.Find(g.Attrs, "job-state")
		if !ok {
			state, _ = ipp.Find(g.Attrs, "printer-state")
		}
		out = append(out, ipp.String(g.Attrs, "notify-subscribed-event")+":"+state.Values.String())
	}
	return out
}

func TestPrinterSubscription(t *testing.T) {
	c := &testClock{at: time.Unix(1_700_000_000, 0)}
	r := startPrinter(t, func(cfg *Config) { cfg.Now = c.now })
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes))
	id := r.createSubscription(goipp.OpCreatePrinterSubscriptions, nil, ipp.Keyword("notify-events", "job-created", "job-completed", "printer-stopped", "nonsense"), ipp.Integer("notify-lease-duration", 7200))
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpPrintJob), threePages()...)
	r.intake.setFaults(func(s *memoryIntake) { s.condition = Condition{Reasons: []string{"paused"}} })
	want := []string{"job-created:3", "job-completed:9", "printer-stopped:5"}
	if got := r.getEvents(goipp.StatusOk, id); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if got := r.getEvents(goipp.StatusOk, id, ipp.Integer("notify-sequence-numbers", 3)); !slices.Equal(got, want[2:]) {
		t.Errorf("events from 3 on: %v", got)
	}
	c.add(eventLife + time.Second)
	if got := r.getEvents(goipp.StatusOk, id); len(got) != 0 {
		t.Errorf("events outlive their time: %v", got)
	}
	number := ipp.Integer("notify-subscription-id", id)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpRenewSubscription, number))
	c.add(time.Hour - time.Second)
	if a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetSubscriptionAttributes, number)).Subscription; strings.Join(ipp.Strings(a, "notify-events"), " ") != "job-completed job-created printer-stopped" {
		t.Errorf("told as %v", a)
	}
	c.add(2 * time.Second)
	r.mustDo(goipp.StatusErrorNotFound, r.newRequest(goipp.OpGetNotifications, ipp.Integer("notify-subscription-ids", id)))
}

func TestJobSubscription(t *testing.T) {
	r := startPrinter(t)
	job := goipp.Attributes{ipp.Integer("notify-job-id", r.createJob())}
	id := r.createSubscription(goipp.OpCreateJobSubscriptions, job, ipp.Keyword("notify-events", "job-state-changed"))
	if got := r.getEvents(goipp.StatusOk, id); len(got) != 0 {
		t.Errorf("events %v", got)
	}
	r.createJob()
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", 1), lastDocument(true)), threePages()...)
	if got := r.getEvents(goipp.StatusOkEventsComplete, id); !slices.Equal(got, []string{"job-state-changed:5", "job-state-changed:9"}) {
		t.Errorf("events %v", got)
	}
	if g := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetSubscriptions, job...)).Groups; len(g) != 2 {
		t.Errorf("listed as %v", g[1:])
	}
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpRenewSubscription, ipp.Integer("notify-subscription-id", id)))
	r.mustDo(goipp.StatusErrorNotPossible, r.subscriptionRequest(goipp.OpCreateJobSubscriptions, job))
	r.mustDo(goipp.StatusErrorBadRequest, r.subscriptionRequest(goipp.OpCreateJobSubscriptions, nil))
}

func TestSubscriptionsAreOnesOwn(t *testing.T) {
	r := startPrinter(t)
	id := r.createSubscription(goipp.OpCreatePrinterSubscriptions, nil)
	for _, op := range []goipp.Op{goipp.OpCancelSubscription, goipp.OpRenewSubscription, goipp.OpGetSubscriptionAttributes, goipp.OpGetNotifications} {
		m := ipp.NewRequest(ipp.Version20, op, r.client.URI)
		m.Operation.Add(ipp.Integer("notify-subscription-id", id))
		m.Operation.Add(ipp.Integer("notify-subscription-ids", id))
		r.mustDo(goipp.StatusErrorNotAuthorized, m)
	}
	if g := r.mustDo(goipp.StatusOk, ipp.NewRequest(ipp.Version20, goipp.OpGetSubscriptions, r.client.URI)).Groups; len(g) != 1 {
		t.Errorf("others see %v", g)
	}
	number := ipp.Integer("notify-subscription-id", id)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelSubscription, number))
	r.mustDo(goipp.StatusErrorNotFound, r.newRequest(goipp.OpCancelSubscription, number))
}

func TestSubscriptionsRefused(t *testing.T) {
	r := startPrinter(t)
	create := goipp.OpCreatePrinterSubscriptions
	r.mustDo(goipp.StatusErrorBadRequest, r.newRequest(create))
	for name, c := range map[string]struct {
		attr goipp.Attribute
		want goipp.Status
	}{
		"push":          {ipp.URI("notify-recipient-uri", "http://evil.example/"), goipp.StatusErrorURIScheme},
		"no such event": {ipp.Keyword("notify-events", "nonsense"), goipp.StatusErrorAttributesOrValues},
		"long data":     {goipp.MakeAttr("notify-user-data", goipp.TagString, goipp.Binary(make([]byte, 64))), goipp.StatusErrorAttributesOrValues},
	} {
		a := r.mustDo(goipp.StatusErrorIgnoredAllSubscriptions, r.subscriptionRequest(create, nil, c.attr))
		if got, _ := ipp.Int(a.Subscription, "notify-status-code"); got != int(c.want) {
			t.Errorf("%s: %s", name, goipp.Status(got))
		}
	}
}

// TestSubscriptionsAreBounded for each user, without affecting another's.
func TestSubscriptionsAreBounded(t *testing.T) {
	r := startPrinter(t)
	create := goipp.OpCreatePrinterSubscriptions
	as := func(user string) *goipp.Message {
		m := r.subscriptionRequest(create, nil)
		m.Operation = withAttribute(m.Operation, ipp.Name("requesting-user-name", user))
		return m
	}
	for range maxUserSubscriptions {
		r.mustDo(goipp.StatusOk, as("mallory"))
	}
	a := r.mustDo(goipp.StatusErrorIgnoredAllSubscriptions, as("mallory"))
	if got, _ := ipp.Int(a.Subscription, "notify-status-code"); got != int(goipp.StatusErrorTooManySubscriptions) {
		t.Errorf("one too many: %s", goipp.Status(got))
	}
	for i := range maxSubscriptions - maxUserSubscriptions {
		r.mustDo(goipp.StatusOk, as(fmt.Sprint("user", i)))
	}
	r.mustDo(goipp.StatusErrorIgnoredAllSubscriptions, as("alice"))
}

func TestEventsAreBounded(t *testing.T) {
	r := startPrinter(t)
	id := r.createSubscription(goipp.OpCreatePrinterSubscriptions, nil, ipp.Keyword("notify-events", "job-state-changed"))
	for range maxEvents {
		r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", r.createJob())))
	}
	if got := r.getEvents(goipp.StatusOk, id); len(got) != maxEvents {
		t.Errorf("%d events are kept", len(got))
	}
}
