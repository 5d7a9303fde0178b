package cloud

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const maxPage = 1000 // jobs in one page, where pages are asked for

type jobView struct {
	ID             string     `json:"id"`
	Scout          string     `json:"scout"`
	Connected      bool       `json:"connected"`
	User           string     `json:"user"`
	Created        time.Time  `json:"created"`
	Expires        *time.Time `json:"expires"`
	State          string     `json:"state"`
	Reason         string     `json:"reason"`
	Format         string     `json:"format"`
	Pages          *int       `json:"pages"`
	PagesCertainty string     `json:"pages_certainty"`
	Copies         int        `json:"copies"`
	Sides          string     `json:"sides"`
	Color          string     `json:"color"`
	Size           int64      `json:"size"`
}

// jobs is GET /v1/jobs.
func (s *Server) jobs(w http.ResponseWriter, r *http.Request) {
	limit, ok := number(w, r, "limit", 0, 1, maxPage)
	if !ok {
		return
	}
	query := r.URL.Query()
	after, err := parsePlace(query.Get("after"))
	if err != nil {
		fail(w, http.StatusBadRequest, "after is not a place that this server has named", "take it from the Link header of the page before")
		return
	}
	found := s.index.list(selection{user: query.Get("user"), scout: query.Get("scout")}, s.cfg.Now())
	if query.Has("after") {
		first, _ := slices.BinarySearchFunc(found, after, func(h *held, at place) int {
			return cmp.Or(placeOf(h).compare(at), -1) // behind the one of that place
		})
		found = found[first:]
	}
	if limit > 0 && len(found) > limit {
		found = found[:limit]
		w.Header().Set("Link", nextPage(query, placeOf(found[limit-1])))
	}
	views := make([]jobView, 0, len(found))
	for _, h := range found {
		views = append(views, s.viewJob(h))
	}
	reply(w, http.StatusOK, views)
}

func (s *Server) viewJob(h *held) jobView {
	j := h.job
	return jobView{ID: j.ID, Scout: h.scout, Connected: s.router.Online(h.scout), User: j.User, Created: j.Created,
		Expires: &h.until, State: j.State, Reason: j.Reason, Format: j.Format, Pages: j.Pages, PagesCertainty: j.PagesCertainty,
		Copies: j.Copies, Sides: j.Sides, Color: j.Color, Size: j.Size}
}

// nextPage is a Link header (RFC 8288) to the page that follows a place.
func nextPage(query url.Values, last place) string {
	query.Set("after", last.String())
	return fmt.Sprintf(`</v1/jobs?%s>; rel="next"`, query.Encode())
}

// place is where a job stands in a listing. It stays where it is when other
// jobs come and go.
type place struct {
	created int64 // in Unix seconds, as the wire has it
	id      string
}

func placeOf(h *held) place { return place{created: h.job.Created.Unix(), id: h.job.ID} }

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.created, q.created), cmp.Compare(p.id, q.id))
}

func (p place) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.created, 10) + " " + p.id))
}

func parsePlace(text string) (p place, err error) {
	if text == "" {
		return place{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return place{}, err
	}
	created, id, _ := strings.Cut(string(raw), " ")
	p.created, err = strconv.ParseInt(created, 10, 64)
	p.id = id
	return p, err
}
