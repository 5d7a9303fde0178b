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

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (r *rig) subscription(op goipp.Op, about goipp.Attributes, attrs ...goipp.Attribute) *goipp.Message {
	m := r.request(op, about...)
	m.Subscription = append(goipp.Attributes{ipp.Keyword("notify-pull-method", "ippget")}, attrs...)
	return m
}

// subscribe makes one subscription and returns its number.
func (r *rig) subscribe(op goipp.Op, about goipp.Attributes, attrs ...goipp.Attribute) int {
	r.Helper()
	id, ok := ipp.Int(r.do(goipp.StatusOk, r.subscription(op, about, attrs...)).Subscription, "notify-subscription-id")
	if !ok {
		r.Fatal("no number")
	}
	return id
}

// events are what a subscription has, as event:state.
func (r *rig) events(want goipp.Status, id int, attrs ...goipp.Attribute) (out []string) {
	r.Helper()
	m := r.request(goipp.OpGetNotifications, append(attrs, ipp.Integer("notify-subscription-ids", id))...)
	for _, g := range r.do(want, m).Groups {
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
	c := &clock{at: time.Unix(1_700_000_000, 0)}
	r := start(t, func(cfg *Config) { cfg.Now = c.now })
	r.do(goipp.StatusOk, r.request(goipp.OpGetPrinterAttributes))
	id := r.subscribe(goipp.OpCreatePrinterSubscriptions, nil, ipp.Keyword("notify-events", "job-created", "job-completed", "printer-stopped", "nonsense"), ipp.Integer("notify-lease-duration", 7200))
	r.do(goipp.StatusOk, r.request(goipp.OpPrintJob), pdf()...)
	r.shelf.set(func(s *shelf) { s.condition = Condition{Reasons: []string{"paused"}} })
	want := []string{"job-created:3", "job-completed:9", "printer-stopped:5"}
	if got := r.events(goipp.StatusOk, id); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if got := r.events(goipp.StatusOk, id, ipp.Integer("notify-sequence-numbers", 3)); !slices.Equal(got, want[2:]) {
		t.Errorf("events from 3 on: %v", got)
	}
	c.add(eventLife + time.Second)
	if got := r.events(goipp.StatusOk, id); len(got) != 0 {
		t.Errorf("events outlive their time: %v", got)
	}
	number := ipp.Integer("notify-subscription-id", id)
	r.do(goipp.StatusOk, r.request(goipp.OpRenewSubscription, number))
	c.add(time.Hour - time.Second)
	if a := r.do(goipp.StatusOk, r.request(goipp.OpGetSubscriptionAttributes, number)).Subscription; strings.Join(ipp.Strings(a, "notify-events"), " ") != "job-completed job-created printer-stopped" {
		t.Errorf("told as %v", a)
	}
	c.add(2 * time.Second)
	r.do(goipp.StatusErrorNotFound, r.request(goipp.OpGetNotifications, ipp.Integer("notify-subscription-ids", id)))
}

func TestJobSubscription(t *testing.T) {
	r := start(t)
	job := goipp.Attributes{ipp.Integer("notify-job-id", r.create())}
	id := r.subscribe(goipp.OpCreateJobSubscriptions, job, ipp.Keyword("notify-events", "job-state-changed"))
	if got := r.events(goipp.StatusOk, id); len(got) != 0 {
		t.Errorf("events %v", got)
	}
	r.create()
	r.do(goipp.StatusOk, r.request(goipp.OpSendDocument, ipp.Integer("job-id", 1), lastDocument(true)), pdf()...)
	if got := r.events(goipp.StatusOkEventsComplete, id); !slices.Equal(got, []string{"job-state-changed:5", "job-state-changed:9"}) {
		t.Errorf("events %v", got)
	}
	if g := r.do(goipp.StatusOk, r.request(goipp.OpGetSubscriptions, job...)).Groups; len(g) != 2 {
		t.Errorf("listed as %v", g[1:])
	}
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpRenewSubscription, ipp.Integer("notify-subscription-id", id)))
	r.do(goipp.StatusErrorNotPossible, r.subscription(goipp.OpCreateJobSubscriptions, job))
	r.do(goipp.StatusErrorBadRequest, r.subscription(goipp.OpCreateJobSubscriptions, nil))
}

func TestSubscriptionsAreOnesOwn(t *testing.T) {
	r := start(t)
	id := r.subscribe(goipp.OpCreatePrinterSubscriptions, nil)
	for _, op := range []goipp.Op{goipp.OpCancelSubscription, goipp.OpRenewSubscription, goipp.OpGetSubscriptionAttributes, goipp.OpGetNotifications} {
		m := ipp.NewRequest(ipp.Version20, op, r.client.URI)
		m.Operation.Add(ipp.Integer("notify-subscription-id", id))
		m.Operation.Add(ipp.Integer("notify-subscription-ids", id))
		r.do(goipp.StatusErrorNotAuthorized, m)
	}
	if g := r.do(goipp.StatusOk, ipp.NewRequest(ipp.Version20, goipp.OpGetSubscriptions, r.client.URI)).Groups; len(g) != 1 {
		t.Errorf("others see %v", g)
	}
	number := ipp.Integer("notify-subscription-id", id)
	r.do(goipp.StatusOk, r.request(goipp.OpCancelSubscription, number))
	r.do(goipp.StatusErrorNotFound, r.request(goipp.OpCancelSubscription, number))
}

func TestSubscriptionsRefused(t *testing.T) {
	r := start(t)
	create := goipp.OpCreatePrinterSubscriptions
	r.do(goipp.StatusErrorBadRequest, r.request(create))
	for name, c := range map[string]struct {
		attr goipp.Attribute
		want goipp.Status
	}{
		"push":          {ipp.URI("notify-recipient-uri", "http://evil.example/"), goipp.StatusErrorURIScheme},
		"no such event": {ipp.Keyword("notify-events", "nonsense"), goipp.StatusErrorAttributesOrValues},
		"long data":     {goipp.MakeAttr("notify-user-data", goipp.TagString, goipp.Binary(make([]byte, 64))), goipp.StatusErrorAttributesOrValues},
	} {
		a := r.do(goipp.StatusErrorIgnoredAllSubscriptions, r.subscription(create, nil, c.attr))
		if got, _ := ipp.Int(a.Subscription, "notify-status-code"); got != int(c.want) {
			t.Errorf("%s: %s", name, goipp.Status(got))
		}
	}
}

// TestSubscriptionsAreBounded for each user, and leaves another's alone.
func TestSubscriptionsAreBounded(t *testing.T) {
	r := start(t)
	create := goipp.OpCreatePrinterSubscriptions
	as := func(user string) *goipp.Message {
		m := r.subscription(create, nil)
		m.Operation = withAttribute(m.Operation, ipp.Name("requesting-user-name", user))
		return m
	}
	for range userSubscriptions {
		r.do(goipp.StatusOk, as("mallory"))
	}
	a := r.do(goipp.StatusErrorIgnoredAllSubscriptions, as("mallory"))
	if got, _ := ipp.Int(a.Subscription, "notify-status-code"); got != int(goipp.StatusErrorTooManySubscriptions) {
		t.Errorf("one too many: %s", goipp.Status(got))
	}
	for i := range maxSubscriptions - userSubscriptions {
		r.do(goipp.StatusOk, as(fmt.Sprint("user", i)))
	}
	r.do(goipp.StatusErrorIgnoredAllSubscriptions, as("alice"))
}

func TestEventsAreBounded(t *testing.T) {
	r := start(t)
	id := r.subscribe(goipp.OpCreatePrinterSubscriptions, nil, ipp.Keyword("notify-events", "job-state-changed"))
	for range maxEvents {
		r.do(goipp.StatusOk, r.request(goipp.OpCancelJob, ipp.Integer("job-id", r.create())))
	}
	if got := r.events(goipp.StatusOk, id); len(got) != maxEvents {
		t.Errorf("%d events are kept", len(got))
	}
}
