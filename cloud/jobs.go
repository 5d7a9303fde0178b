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

const maxPage = 1000 // jobs in one page, if pages are asked for

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

// listJobs serves GET /v1/jobs.
func (s *Server) listJobs(w http.ResponseWriter, r *http.Request) {
	limit, ok := queryNumber(w, r, "limit", 0, 1, maxPage)
	if !ok {
		return
	}
	query := r.URL.Query()
	after, err := parsePosition(query.Get("after"))
	if err != nil {
		writeError(w, http.StatusBadRequest, "after is not a position that this server has given", "take it from the Link header of the previous page")
		return
	}
	found := s.index.listJobs(selection{user: query.Get("user"), scout: query.Get("scout")}, s.cfg.Now())
	if query.Has("after") {
		first, _ := slices.BinarySearchFunc(found, after, func(h *heldJob, at listPosition) int {
			return cmp.Or(positionOf(h).compare(at), -1) // after the job at that position
		})
		found = found[first:]
	}
	if limit > 0 && len(found) > limit {
		found = found[:limit]
		w.Header().Set("Link", nextPageLink(query, positionOf(found[limit-1])))
	}
	views := make([]jobView, 0, len(found))
	for _, h := range found {
		views = append(views, s.viewJob(h))
	}
	writeJSON(w, http.StatusOK, views)
}

func (s *Server) viewJob(h *heldJob) jobView {
	j := h.job
	return jobView{ID: j.ID, Scout: h.scout, Connected: s.router.Online(h.scout), User: j.User, Created: j.Created,
		Expires: &h.until, State: j.State, Reason: j.Reason, Format: j.Format, Pages: j.Pages, PagesCertainty: j.PagesCertainty,
		Copies: j.Copies, Sides: j.Sides, Color: j.Color, Size: j.Size}
}

// nextPageLink returns a Link header (RFC 8288) to the page that follows a
// position.
func nextPageLink(query url.Values, last listPosition) string {
	query.Set("after", last.String())
	return fmt.Sprintf(`</v1/jobs?%s>; rel="next"`, query.Encode())
}

// listPosition is the position of a job in a listing. It stays the same when
// other jobs come and go.
type listPosition struct {
	created int64 // in Unix seconds, as on the wire
	id      string
}

func positionOf(h *heldJob) listPosition {
	return listPosition{created: h.job.Created.Unix(), id: h.job.ID}
}

func (p listPosition) compare(q listPosition) int {
	return cmp.Or(cmp.Compare(p.created, q.created), cmp.Compare(p.id, q.id))
}

func (p listPosition) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.created, 10) + " " + p.id))
}

func parsePosition(text string) (p listPosition, err error) {
	if text == "" {
		return listPosition{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return listPosition{}, err
	}
	created, id, _ := strings.Cut(string(raw), " ")
	p.created, err = strconv.ParseInt(created, 10, 64)
	p.id = id
	return p, err
}
