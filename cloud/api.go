package cloud

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
)

// getHealth serves GET /healthz.
func (s *Server) getHealth(w http.ResponseWriter, r *http.Request) {
	if err := s.registry.Check(r.Context()); err != nil {
		writeError(w, http.StatusServiceUnavailable, "the registry cannot be read", "")
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// postEnroll serves POST /v1/enroll.
func (s *Server) postEnroll(w http.ResponseWriter, r *http.Request) {
	var req wire.EnrollRequest
	if _, ok := readBody(w, r, &req, false); !ok {
		return
	}
	if err := req.Validate(); err != nil {
		writeError(w, http.StatusBadRequest, err.Error(), "")
		return
	}
	id, err := uuid.NewV7()
	if err != nil {
		s.writeInternalError(w, err)
		return
	}
	scout, err := s.registry.Enroll(r.Context(), tokenHash(req.Token), Scout{ID: id.String(), Name: req.Name, Version: req.Version,
		Sign: req.Sign, Wrap: req.Wrap, Enrolled: s.cfg.Now()})
	for _, refusal := range []error{ErrTokenUnknown, ErrTokenUsed, ErrTokenExpired, ErrTokenRevoked} {
		if errors.Is(err, refusal) {
			s.quiet.Warn("an enrollment was refused", refusal.Error())
			writeError(w, http.StatusForbidden, refusal.Error(), "make a new bundle with: scoutcloud token new")
			return
		}
	}
	if err != nil {
		s.writeInternalError(w, err)
		return
	}
	s.log.Info("a scout is enrolled", "scout", scout.ID, "pending", scout.Pending)
	writeJSON(w, http.StatusOK, wire.EnrollReply{Scout: scout.ID, Pending: scout.Pending})
}

// getDirectory serves GET /v1/directory.
func (s *Server) getDirectory(w http.ResponseWriter, _ *http.Request) {
	_, envelope := s.served.current()
	if envelope == nil {
		writeError(w, http.StatusNotFound, "this server has no printer directory", "sign one with: printscout site printer add")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(envelope)
}

type scoutView struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Version   string     `json:"version"`
	Enrolled  time.Time  `json:"enrolled"`
	Bundle    string     `json:"bundle"` // that it came by
	State     string     `json:"state"`  // ScoutApproved or ScoutPending
	Connected bool       `json:"connected"`
	Since     *time.Time `json:"since"`
	Jobs      int        `json:"jobs"`
}

// listScouts serves GET /v1/scouts.
func (s *Server) listScouts(w http.ResponseWriter, r *http.Request) {
	all, err := s.registry.Scouts(r.Context())
	if err != nil {
		s.writeInternalError(w, err)
		return
	}
	views := make([]scoutView, 0, len(all))
	for _, scout := range all {
		view := scoutView{ID: scout.ID, Name: scout.Name, Version: scout.Version, Enrolled: scout.Enrolled,
			Bundle: scout.Bundle, State: scout.State(), Jobs: s.index.countJobs(scout.ID)}
		if p := s.router.findPeer(scout.ID); p != nil {
			since := p.since.UTC()
			view.Connected, view.Since, view.Version = true, &since, p.version
		}
		views = append(views, view)
	}
	writeJSON(w, http.StatusOK, views)
}
