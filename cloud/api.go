package cloud

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
)

func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	if err := s.registry.Check(r.Context()); err != nil {
		fail(w, http.StatusServiceUnavailable, "the registry cannot be read", "")
		return
	}
	reply(w, http.StatusOK, map[string]string{"status": "ok"})
}

// enroll is POST /v1/enroll.
func (s *Server) enroll(w http.ResponseWriter, r *http.Request) {
	var req wire.EnrollRequest
	if _, ok := readBody(w, r, &req, false); !ok {
		return
	}
	if err := req.Validate(); err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "")
		return
	}
	id, err := uuid.NewV7()
	if err != nil {
		s.broken(w, err)
		return
	}
	scout, err := s.registry.Enroll(r.Context(), hash(req.Token), Scout{ID: id.String(), Name: req.Name, Version: req.Version,
		Sign: req.Sign, Wrap: req.Wrap, Enrolled: s.cfg.Now()})
	for _, refusal := range []error{ErrTokenUnknown, ErrTokenUsed, ErrTokenExpired} {
		if errors.Is(err, refusal) {
			s.quiet.Warn("an enrollment was refused", refusal.Error())
			fail(w, http.StatusForbidden, refusal.Error(), "make a new bundle with: scoutcloud token")
			return
		}
	}
	if err != nil {
		s.broken(w, err)
		return
	}
	s.log.Info("a scout is enrolled", "scout", scout.ID)
	reply(w, http.StatusOK, wire.EnrollReply{Scout: scout.ID})
}

// directory is GET /v1/directory.
func (s *Server) directory(w http.ResponseWriter, _ *http.Request) {
	_, envelope := s.served.get()
	if envelope == nil {
		fail(w, http.StatusNotFound, "this server has no printer directory", "sign one with: printscout site printer add")
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
	Connected bool       `json:"connected"`
	Since     *time.Time `json:"since"`
	Jobs      int        `json:"jobs"`
}

func (s *Server) scouts(w http.ResponseWriter, r *http.Request) {
	all, err := s.registry.Scouts(r.Context())
	if err != nil {
		s.broken(w, err)
		return
	}
	views := make([]scoutView, 0, len(all))
	for _, scout := range all {
		view := scoutView{ID: scout.ID, Name: scout.Name, Version: scout.Version, Enrolled: scout.Enrolled, Jobs: s.index.count(scout.ID)}
		if p := s.router.find(scout.ID); p != nil {
			since := p.since.UTC()
			view.Connected, view.Since, view.Version = true, &since, p.version
		}
		views = append(views, view)
	}
	reply(w, http.StatusOK, views)
}
