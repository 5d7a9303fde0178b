package spooler

import (
	"slices"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// pullMethod is the only way to get events: clients ask for them. Nothing is ever
// sent to an address that a client names.
const pullMethod = "ippget"

// createPrinterSubscriptions is RFC 3995 §11.1.2.
func (x *ippExchange) createPrinterSubscriptions() (*reply, error) { return x.createSubscriptions(nil) }

// createJobSubscriptions is RFC 3995 §11.1.1.
func (x *ippExchange) createJobSubscriptions() (*reply, error) {
	id, ok := ipp.Int(x.msg.Operation, "notify-job-id")
	if !ok {
		return nil, badRequest("The request does not say which job it is about.")
	}
	j, err := x.p.jobs.ownedJob(id, x.user)
	if err != nil {
		return nil, err
	}
	if x.p.jobs.hasEnded(j) {
		return nil, refuse(goipp.StatusErrorNotPossible, "The job has ended.")
	}
	return x.createSubscriptions(j)
}

func (js *jobTable) hasEnded(j *job) bool {
	js.mu.Lock()
	defer js.mu.Unlock()
	return !j.isOpen()
}

// createSubscriptions creates a subscription for each group by itself (RFC 3995
// §11.1.1.2).
func (x *ippExchange) createSubscriptions(j *job) (*reply, error) {
	rep := &reply{}
	asked, taken := 0, 0
	for _, g := range x.msg.Groups {
		if g.Tag != goipp.TagSubscriptionGroup {
			continue
		}
		asked++
		attrs, ok := x.createSubscription(j, g.Attrs)
		if ok {
			taken++
		}
		rep.groups = append(rep.groups, goipp.Group{Tag: goipp.TagSubscriptionGroup, Attrs: attrs})
	}
	switch {
	case asked == 0:
		return nil, badRequest("The request has no subscription.")
	case taken == 0:
		rep.status, rep.message = goipp.StatusErrorIgnoredAllSubscriptions, "None of the subscriptions could be created."
	case taken < asked:
		rep.status = goipp.StatusOkIgnoredSubscriptions
	}
	return rep, nil
}

// createSubscription creates one subscription, or says in notify-status-code
// why not.
func (x *ippExchange) createSubscription(j *job, attrs goipp.Attributes) (goipp.Attributes, bool) {
	no := func(s goipp.Status) (goipp.Attributes, bool) {
		return goipp.Attributes{ipp.Enum("notify-status-code", int(s))}, false
	}
	if _, push := ipp.Find(attrs, "notify-recipient-uri"); push {
		return no(goipp.StatusErrorURIScheme)
	}
	data, _ := ipp.Find(attrs, "notify-user-data")
	s := &subscription{res: x.res, user: x.user, allowance: x.allowance, job: j, events: requestedEvents(attrs)}
	if len(data.Values) > 0 {
		s.data, _ = data.Values[0].V.(goipp.Binary)
	}
	if ipp.String(attrs, "notify-pull-method") != pullMethod || len(s.events) == 0 || len(s.data) > 63 {
		return no(goipp.StatusErrorAttributesOrValues)
	}
	if j == nil {
		s.lease = grantedLease(attrs)
	}
	if !x.p.jobs.addSubscription(s) {
		return no(goipp.StatusErrorTooManySubscriptions)
	}
	out := goipp.Attributes{ipp.Integer("notify-subscription-id", s.id)}
	if j == nil {
		out.Add(ipp.Integer("notify-lease-duration", int(s.lease/time.Second)))
	}
	return out, true
}

// addSubscription adds a subscription under the lock of jobTable, so that one
// for a job that ends meanwhile ends too.
func (js *jobTable) addSubscription(s *subscription) bool {
	js.mu.Lock()
	defer js.mu.Unlock()
	if s.job != nil && !s.job.isOpen() {
		s.expires = js.now().Add(eventLife)
	}
	return js.subscriptions.add(s)
}

// requestedEvents returns the requested events that exist; the default where
// none is named.
func requestedEvents(attrs goipp.Attributes) []string {
	names := ipp.Strings(attrs, "notify-events")
	if len(names) == 0 {
		return []string{"job-completed"}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return includedEvents[n] == nil })
}

// grantedLease returns the lease that is granted; a lease of 0 asks for one
// without end (RFC 3995 §5.3.8).
func grantedLease(attrs goipp.Attributes) time.Duration {
	n, ok := ipp.Int(attrs, "notify-lease-duration")
	switch {
	case !ok:
		return defaultLease
	case n <= 0:
		return maxLease
	}
	return min(max(time.Duration(n)*time.Second, minLease), maxLease)
}

// renewSubscription is RFC 3995 §11.2.6.
func (x *ippExchange) renewSubscription() (*reply, error) {
	id, _ := ipp.Int(x.msg.Operation, "notify-subscription-id")
	lease := grantedLease(x.msg.Operation)
	err := x.p.jobs.subscriptions.withSubscription(id, x.user, func(s *subscription) error {
		if s.job != nil {
			return refuse(goipp.StatusErrorNotPossible, "The subscription ends with its job.")
		}
		s.lease, s.expires = lease, x.p.cfg.Now().Add(lease)
		return nil
	})
	if err != nil {
		return nil, err
	}
	g := goipp.Group{Tag: goipp.TagSubscriptionGroup}
	g.Add(ipp.Integer("notify-lease-duration", int(lease/time.Second)))
	return &reply{groups: []goipp.Group{g}}, nil
}

// cancelSubscription is RFC 3995 §11.2.7.
func (x *ippExchange) cancelSubscription() (*reply, error) {
	id, _ := ipp.Int(x.msg.Operation, "notify-subscription-id")
	return &reply{}, x.p.jobs.subscriptions.removeSubscription(id, x.user)
}
