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
	maxRelease   = wire.MaxJobs // jobs in one request
)

type releaseRequest struct {
	Jobs         []string `json:"jobs"`
	All          bool     `json:"all"`
	Printer      string   `json:"printer"`
	ValidSeconds *int64   `json:"valid_seconds"`
	PIN          *string  `json:"pin"` // sealed before anything else is done with it
}

// refusal is a request that cannot be carried out, with its status.
type refusal struct {
	status         int
	sentence, hint string
}

func (r refusal) Error() string { return r.sentence }

// release is POST /v1/releases.
func (s *Server) release(w http.ResponseWriter, r *http.Request) {
	var req releaseRequest
	if !readBody(w, r, &req, true) {
		return
	}
	orders, err := s.makeOrders(req)
	if err == nil {
		err = s.sealPINs(r.Context(), orders, req.PIN)
	}
	if no, ok := errors.AsType[refusal](err); ok {
		fail(w, no.status, no.sentence, no.hint)
		return
	}
	if err == nil {
		err = s.registry.AddOrders(r.Context(), orders)
	}
	if err != nil {
		s.broken(w, err)
		return
	}
	views := make([]releaseView, 0, len(orders))
	woken := make(map[string]bool)
	for _, o := range orders {
		views = append(views, s.view(o))
		if !woken[o.Scout] {
			woken[o.Scout] = true
			s.router.Wake(o.Scout) // offline: they wait in the registry
		}
	}
	s.log.Info("a release was ordered", "orders", len(orders))
	reply(w, http.StatusAccepted, map[string][]releaseView{"releases": views})
}

// makeOrders turns a request into orders, all or none.
func (s *Server) makeOrders(req releaseRequest) ([]Order, error) {
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
	jobs, err := s.findJobs(req)
	if err != nil {
		return nil, err
	}
	now := s.cfg.Now().Truncate(time.Millisecond) // as the registry keeps it
	orders := make([]Order, 0, len(jobs))
	for _, h := range jobs {
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
	d, _ := s.shelf.get()
	if d == nil {
		return "", refusal{http.StatusServiceUnavailable, "this server has no printer directory", "sign one with: printscout site printer add"}
	}
	printer, err := d.Find(nameOrID)
	if err != nil {
		return "", refusal{http.StatusNotFound, "there is no such printer in the site's directory", "its printers are listed by: printscout printer list"}
	}
	return printer.ID, nil
}

func (s *Server) findJobs(req releaseRequest) ([]held, error) {
	s.index.expire(s.cfg.Now())
	if req.All == (len(req.Jobs) > 0) {
		return nil, refusal{http.StatusBadRequest, "say either which jobs, or all", `"jobs":["id"] or "all":true`}
	}
	var found []held
	if req.All {
		found = slices.DeleteFunc(s.index.all(), func(h held) bool { return h.job.State != "parked" })
	}
	named := make(map[string]bool)
	for _, id := range req.Jobs {
		if named[id] {
			continue
		}
		named[id] = true
		scout, job, ok := s.index.find(id)
		if !ok {
			return nil, refusal{http.StatusNotFound, fmt.Sprintf("the job %.64q is not known, or no longer there", id), "GET /v1/jobs lists those that are"}
		}
		found = append(found, held{scout: scout, job: job})
	}
	if len(found) > maxRelease {
		return nil, refusal{http.StatusBadRequest, fmt.Sprintf("these are more than %d jobs", maxRelease), "name fewer of them"}
	}
	return found, nil
}

// releases is GET /v1/releases.
func (s *Server) releases(w http.ResponseWriter, r *http.Request) {
	limit, ok := number(w, r, "limit", 100, 1, 1000)
	if !ok {
		return
	}
	orders, err := s.registry.Orders(r.Context(), limit)
	if err != nil {
		s.broken(w, err)
		return
	}
	views := make([]releaseView, 0, len(orders))
	for _, o := range orders {
		views = append(views, s.view(o))
	}
	reply(w, http.StatusOK, views)
}

// oneRelease is GET /v1/releases/{id}.
func (s *Server) oneRelease(w http.ResponseWriter, r *http.Request) {
	seconds, ok := number(w, r, "wait", 0, 0, int(longestWait/time.Second))
	if !ok {
		return
	}
	o, err := s.await(r.Context(), r.PathValue("id"), time.Duration(seconds)*time.Second)
	if errors.Is(err, ErrNotFound) {
		fail(w, http.StatusNotFound, "there is no such release", "GET /v1/releases lists those there are")
		return
	}
	if err != nil {
		s.broken(w, err)
		return
	}
	reply(w, http.StatusOK, s.view(o))
}

// await returns an order when it has come to its end, or after wait.
func (s *Server) await(ctx context.Context, id string, wait time.Duration) (Order, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		changed, stop := s.watch.on(id)
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

// number reads a number from the query; false if it has answered with an error.
func number(w http.ResponseWriter, r *http.Request, name string, otherwise, least, most int) (int, bool) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		fail(w, http.StatusBadRequest, fmt.Sprintf("%s is not a number from %d to %d", name, least, most), "")
		return 0, false
	}
	return n, true
}
