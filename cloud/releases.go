package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
)

const (
	defaultValid = 10 * time.Minute
	longestValid = 24 * time.Hour
	maxRelease   = wire.MaxJobs // jobs that one request may name
	orderBatch   = 1000         // orders that are stored at a time
)

type releaseRequest struct {
	Jobs         []string `json:"jobs"`
	All          bool     `json:"all"`
	User         string   `json:"user"`  // with All: only of this owner tag
	Scout        string   `json:"scout"` // with All: only of this scout
	Printer      string   `json:"printer"`
	ValidSeconds *int64   `json:"valid_seconds"`
	PIN          *string  `json:"pin"` // sealed before it is used for anything else
}

// refusal is the error of a request that cannot be carried out, with its HTTP
// status.
type refusal struct {
	status         int
	sentence, hint string
}

func (r refusal) Error() string { return r.sentence }

// codedRefusal is a refusal with a code for programs, where the status does
// not say enough.
type codedRefusal struct {
	refusal
	code string
}

func (c codedRefusal) Unwrap() error { return c.refusal }

// postRelease serves POST /v1/releases.
func (s *Server) postRelease(w http.ResponseWriter, r *http.Request) {
	var req releaseRequest
	body, ok := readBody(w, r, &req, true)
	if !ok {
		return
	}
	orders, err := s.ordersFor(r, body, req)
	if no, ok := errors.AsType[refusal](err); ok {
		coded, _ := errors.AsType[codedRefusal](err)
		writeJSON(w, no.status, errorBody{Error: no.sentence, Hint: no.hint, Code: coded.code})
		return
	}
	if err != nil {
		s.writeInternalError(w, err)
		return
	}
	views := make([]releaseView, 0, len(orders))
	for _, o := range orders {
		views = append(views, s.viewRelease(o.asMade()))
	}
	writeJSON(w, http.StatusAccepted, map[string][]releaseView{"releases": views})
}

// ordersFor makes the orders of a request, or returns those that it made
// before.
func (s *Server) ordersFor(r *http.Request, body []byte, req releaseRequest) ([]Order, error) {
	named, err := s.requestOf(r, body)
	if err != nil {
		return nil, err
	}
	var made []Order
	if named != nil {
		if made, err = s.repeatedOrders(r.Context(), named); err != nil || named.Complete {
			return made, err
		}
	}
	orders, err := s.makeOrders(r.Context(), req, made)
	if err != nil {
		return nil, err
	}
	if err := s.keepOrders(r.Context(), named, orders, req.PIN); err != nil {
		return nil, err
	}
	s.log.Info("a release was ordered", "orders", len(orders))
	if named != nil {
		_, orders, err = s.registry.Request(r.Context(), named.Key)
	}
	return orders, err
}

// keepOrders stores the orders, a batch at a time, and has them sent.
func (s *Server) keepOrders(ctx context.Context, named *Request, orders []Order, pin *string) error {
	if len(orders) == 0 && named == nil {
		return nil
	}
	for first := true; first || len(orders) > 0; first = false {
		batch := orders[:min(len(orders), orderBatch)]
		orders = orders[len(batch):]
		if named != nil {
			named.Complete = len(orders) == 0
		}
		err := s.sealPINs(ctx, batch, pin)
		if err == nil {
			err = s.registry.AddOrders(ctx, named, batch)
		}
		if errors.Is(err, ErrConflict) {
			return errOtherRequest
		}
		if err != nil {
			return err
		}
		s.wakeScouts(batch)
	}
	return nil
}

// wakeScouts makes the scouts of new orders look for them. Scouts that are not
// connected find them in the registry later.
func (s *Server) wakeScouts(orders []Order) {
	woken := make(map[string]bool)
	for _, o := range orders {
		if !woken[o.Scout] {
			woken[o.Scout] = true
			s.router.Wake(o.Scout)
		}
	}
}

// makeOrders turns a request into orders, all or none, except for the jobs
// that the same request has ordered already before it was interrupted.
func (s *Server) makeOrders(ctx context.Context, req releaseRequest, made []Order) ([]Order, error) {
	valid := defaultValid
	if req.ValidSeconds != nil {
		if *req.ValidSeconds < 1 || *req.ValidSeconds > int64(longestValid/time.Second) {
			return nil, refusal{http.StatusBadRequest, "valid_seconds is not from 1 to 86400", ""}
		}
		valid = time.Duration(*req.ValidSeconds) * time.Second
	}
	printer, err := s.findPrinter(req.Printer)
	if err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	jobs, err := s.findJobs(ctx, req, now)
	if err != nil {
		return nil, err
	}
	now = now.Truncate(time.Millisecond) // as the registry keeps it
	orders := make([]Order, 0, len(jobs))
	for _, h := range jobs {
		if slices.ContainsFunc(made, func(o Order) bool { return o.Job == h.job.ID }) {
			continue
		}
		id, err := uuid.NewV7()
		if err != nil {
			return nil, fmt.Errorf("making an order: %w", err)
		}
		orders = append(orders, Order{ID: id.String(), Scout: h.scout, Job: h.job.ID, Printer: printer, User: h.job.User,
			Created: now, Expires: now.Add(valid), State: Pending})
	}
	return orders, nil
}

func (s *Server) findPrinter(nameOrID string) (string, error) {
	if nameOrID == "" {
		return "", refusal{http.StatusBadRequest, "the printer is missing", `say "printer": a name or id of the site's directory`}
	}
	d, _ := s.served.current()
	if d == nil {
		return "", refusal{http.StatusServiceUnavailable, "this server has no printer directory", "sign one with: printscout site printer add"}
	}
	printer, err := d.Find(nameOrID)
	if err != nil {
		return "", refusal{http.StatusNotFound, "there is no such printer in the site's directory", "its printers are listed by: printscout printer list"}
	}
	return printer.ID, nil
}

func (s *Server) findJobs(ctx context.Context, req releaseRequest, now time.Time) ([]*heldJob, error) {
	switch {
	case req.All == (len(req.Jobs) > 0):
		return nil, refusal{http.StatusBadRequest, "say either which jobs, or all", `"jobs":["id"] or "all":true`}
	case !req.All && req.User+req.Scout != "":
		return nil, refusal{http.StatusBadRequest, "user and scout belong to all", `"all":true,"user":"tag"`}
	case req.All:
		if err := s.refusePending(ctx, req.Scout); err != nil {
			return nil, err
		}
		found := s.index.listJobs(selection{user: req.User, scout: req.Scout, online: s.router.Online}, now)
		return slices.DeleteFunc(found, func(h *heldJob) bool { return h.job.State != "parked" }), nil
	}
	var found []*heldJob
	named := make(map[string]bool)
	for _, id := range req.Jobs {
		if named[id] {
			continue
		}
		named[id] = true
		h := s.index.findJob(id, now)
		if h == nil {
			return nil, refusal{http.StatusNotFound, fmt.Sprintf("the job %.64q is not known, or no longer there", id), "GET /v1/jobs lists those that are; those of a scout that waits for approval are not"}
		}
		found = append(found, h)
	}
	if len(found) > maxRelease {
		return nil, refusal{http.StatusBadRequest, fmt.Sprintf("these are more than %d jobs", maxRelease), "name fewer of them"}
	}
	return found, nil
}

// listReleases serves GET /v1/releases.
func (s *Server) listReleases(w http.ResponseWriter, r *http.Request) {
	limit, ok := queryNumber(w, r, "limit", 100, 1, 1000)
	if !ok {
		return
	}
	orders, err := s.registry.Orders(r.Context(), limit)
	if err != nil {
		s.writeInternalError(w, err)
		return
	}
	views := make([]releaseView, 0, len(orders))
	for _, o := range orders {
		views = append(views, s.viewRelease(o))
	}
	writeJSON(w, http.StatusOK, views)
}

// getRelease serves GET /v1/releases/{id}.
func (s *Server) getRelease(w http.ResponseWriter, r *http.Request) {
	seconds, ok := queryNumber(w, r, "wait", 0, 0, int(longestWait/time.Second))
	if !ok {
		return
	}
	o, err := s.awaitOrder(r.Context(), r.PathValue("id"), time.Duration(seconds)*time.Second)
	if errors.Is(err, ErrNotFound) {
		writeError(w, http.StatusNotFound, "there is no such release", "GET /v1/releases lists those there are")
		return
	}
	if err != nil {
		s.writeInternalError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, s.viewRelease(o))
}

// awaitOrder returns an order when it has ended, or after wait.
func (s *Server) awaitOrder(ctx context.Context, id string, wait time.Duration) (Order, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		changed, stop := s.watch.subscribe(id)
		o, err := s.registry.Order(ctx, id)
		if err != nil || o.State == Done || o.State == Expired || wait == 0 {
			stop()
			return o, err
		}
		select {
		case <-changed:
		case <-timer.C:
			wait = 0
		case <-s.draining:
			wait = 0
		case <-ctx.Done():
			wait = 0
		}
		stop()
		if ctx.Err() != nil {
			return o, nil
		}
	}
}

// queryNumber reads a number from the query; false if it has answered with an
// error.
func queryNumber(w http.ResponseWriter, r *http.Request, name string, otherwise, least, most int) (int, bool) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		writeError(w, http.StatusBadRequest, fmt.Sprintf("%s is not a number from %d to %d", name, least, most), "")
		return 0, false
	}
	return n, true
}
