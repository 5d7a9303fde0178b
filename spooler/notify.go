package spooler

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// notifyGetInterval is notify-get-interval, in seconds.
const notifyGetInterval = 15

// getSubscriptionAttributes is RFC 3995 §11.2.4.
func (x *ippExchange) getSubscriptionAttributes() (*reply, error) {
	id, _ := ipp.Int(x.msg.Operation, "notify-subscription-id")
	rep := &reply{}
	err := x.p.jobs.subscriptions.withSubscription(id, x.user, func(s *subscription) error {
		rep.groups = []goipp.Group{x.describeSubscription(s, readRequestedAttributes(x.msg, "all"))}
		return nil
	})
	return rep, err
}

// getSubscriptions is RFC 3995 §11.2.5, limited to the user's own.
func (x *ippExchange) getSubscriptions() (*reply, error) {
	id, ofJob := ipp.Int(x.msg.Operation, "notify-job-id")
	limit, limited := ipp.Int(x.msg.Operation, "limit")
	rep, w := &reply{}, readRequestedAttributes(x.msg, "notify-subscription-id")
	b := x.p.jobs.subscriptions
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropExpired()
	for _, s := range b.subs {
		mine := s.user == x.user && s.res == x.res
		if !mine || ofJob != (s.job != nil) || ofJob && s.job.id != id || limited && len(rep.groups) >= limit {
			continue
		}
		rep.groups = append(rep.groups, x.describeSubscription(s, w))
	}
	return rep, nil
}

// describeSubscription returns the group of one subscription. The lock of
// subscriptionTable is held.
func (x *ippExchange) describeSubscription(s *subscription, w requestedAttributes) goipp.Group {
	attrs := goipp.Attributes{
		ipp.Integer("notify-subscription-id", s.id),
		ipp.Integer("notify-sequence-number", s.seq),
		ipp.URI("notify-printer-uri", x.printerURI(s.res)),
		ipp.Name("notify-subscriber-user-name", s.user),
		ipp.Integer("notify-printer-up-time", x.p.upTime(x.p.cfg.Now())),
	}
	asked := goipp.Attributes{
		ipp.Keyword("notify-events", s.events...),
		ipp.Keyword("notify-pull-method", pullMethod),
		goipp.MakeAttr("notify-charset", goipp.TagCharset, goipp.String("utf-8")),
		goipp.MakeAttr("notify-natural-language", goipp.TagLanguage, goipp.String("en")),
		goipp.MakeAttr("notify-user-data", goipp.TagString, s.data),
	}
	if s.job != nil {
		attrs.Add(ipp.Integer("notify-job-id", s.job.id))
	} else {
		asked.Add(ipp.Integer("notify-lease-duration", int(s.lease/time.Second)))
		attrs.Add(ipp.Integer("notify-lease-expiration-time", x.p.upTime(s.expires)))
	}
	return goipp.Group{
		Tag:   goipp.TagSubscriptionGroup,
		Attrs: slices.Concat(w.selectFrom(groupSubscription, attrs), w.selectFrom(groupSubscriptionTemplate, asked)),
	}
}

// getNotifications is RFC 3996 §5. It never waits for an event: a client is
// told when to ask again.
func (x *ippExchange) getNotifications() (*reply, error) {
	ids, _ := ipp.Find(x.msg.Operation, "notify-subscription-ids")
	from, _ := ipp.Find(x.msg.Operation, "notify-sequence-numbers")
	if len(ids.Values) == 0 || len(ids.Values) > maxSubscriptions {
		return nil, badRequest("The request does not say which subscriptions it is about.")
	}
	x.p.observeState(x.p.cfg.Intake.Condition())
	rep, over := &reply{}, true
	for i, v := range ids.Values {
		first := 1
		if i < len(from.Values) {
			first = int(from.Values[i].V.(goipp.Integer))
		}
		err := x.p.jobs.subscriptions.withSubscription(int(v.V.(goipp.Integer)), x.user, func(s *subscription) error {
			over = over && s.job != nil && !s.expires.IsZero()
			rep.groups = append(rep.groups, x.eventsOf(s, first)...)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	rep.operation = goipp.Attributes{ipp.Integer("printer-up-time", x.p.upTime(x.p.cfg.Now()))}
	if over {
		rep.status = goipp.StatusOkEventsComplete
		return rep, nil
	}
	rep.operation.Add(ipp.Integer("notify-get-interval", notifyGetInterval))
	return rep, nil
}

// eventsOf returns the groups of a subscription's events. The lock of
// subscriptionTable is held.
func (x *ippExchange) eventsOf(s *subscription, first int) (groups []goipp.Group) {
	for _, e := range s.queue {
		if e.seq < first {
			continue
		}
		text := "The printer has changed."
		if e.job != nil {
			text = fmt.Sprintf("Job %d has changed.", e.job.id)
		}
		attrs := goipp.Attributes{
			ipp.Integer("notify-subscription-id", s.id),
			ipp.Integer("notify-sequence-number", e.seq),
			ipp.Keyword("notify-subscribed-event", e.name),
			ipp.URI("notify-printer-uri", x.printerURI(s.res)),
			goipp.MakeAttr("notify-charset", goipp.TagCharset, goipp.String("utf-8")),
			goipp.MakeAttr("notify-natural-language", goipp.TagLanguage, goipp.String("en")),
			goipp.MakeAttr("notify-user-data", goipp.TagString, s.data),
			ipp.Text("notify-text", text),
			ipp.Integer("printer-up-time", x.p.upTime(e.at)),
		}
		groups = append(groups, goipp.Group{Tag: goipp.TagEventNotificationGroup, Attrs: append(attrs, e.attrs...)})
	}
	return groups
}

// notificationAttributes returns the printer's attributes about subscriptions.
func notificationAttributes() goipp.Attributes {
	return goipp.Attributes{
		ipp.Keyword("notify-events-default", "job-completed"),
		ipp.Keyword("notify-events-supported", slices.Sorted(maps.Keys(includedEvents))...),
		ipp.Integer("notify-lease-duration-default", int(defaultLease/time.Second)),
		ipp.Range("notify-lease-duration-supported", int(minLease/time.Second), int(maxLease/time.Second)),
		ipp.Integer("notify-max-events-supported", len(includedEvents)),
		ipp.Keyword("notify-pull-method-supported", pullMethod),
		ipp.Integer("ippget-event-life", int(eventLife/time.Second)),
	}
}
