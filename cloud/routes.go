package cloud

import "net/http"

// Who may use a route.
type Who string

// The kinds of those who come.
const (
	Anyone     Who = "anyone"
	Token      Who = "token"     // with a one-time token in the request
	ScoutOnly  Who = "scout"     // proves itself in the websocket
	APIOnly    Who = "api"       // with an API token as bearer
	ScoutOrAPI Who = "scout|api" // with a scout's session key or an API token as bearer
)

// Route is one way into the server.
type Route struct {
	Method  string
	Pattern string // as http.ServeMux has it
	Who     Who
}

type handled struct {
	Route
	handle func(*Server, http.ResponseWriter, *http.Request)
}

var table = []handled{
	{Route{"GET", "/healthz", Anyone}, (*Server).health},
	{Route{"POST", "/v1/enroll", Token}, (*Server).enroll},
	{Route{"GET", "/v1/scout", ScoutOnly}, (*Server).scoutSocket},
	{Route{"GET", "/v1/directory", ScoutOrAPI}, (*Server).directory},
	{Route{"GET", "/v1/scouts", APIOnly}, (*Server).scouts},
	{Route{"GET", "/v1/jobs", APIOnly}, (*Server).jobs},
	{Route{"POST", "/v1/releases", APIOnly}, (*Server).release},
	{Route{"GET", "/v1/releases/{id}", APIOnly}, (*Server).oneRelease},
	{Route{"GET", "/v1/releases", APIOnly}, (*Server).releases},
}

// Routes lists every route the server has.
func Routes() []Route {
	var all []Route
	for _, h := range table {
		all = append(all, h.Route)
	}
	return all
}

// routes is the handler of the whole server.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, h := range table {
		mux.Handle(h.Method+" "+h.Pattern, s.guard(h))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if handler, pattern := mux.Handler(r); pattern == "" {
			refused := statusOnly{ResponseWriter: w}
			handler.ServeHTTP(&refused, r)
			w.Header().Set("Connection", "close")
			fail(w, refused.status, "there is no such route", "the routes are in docs/protocol.md")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// guard lets through who may use a route. The connection of one that proves
// nothing is not kept: its place is for the next.
func (s *Server) guard(h handled) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		admitted, err := s.admits(h.Who, r)
		proves := h.Who == APIOnly || h.Who == ScoutOrAPI
		if !proves || !admitted {
			w.Header().Set("Connection", "close")
		}
		switch {
		case err != nil:
			s.broken(w, err)
		case !admitted:
			w.Header().Set("WWW-Authenticate", "Bearer")
			fail(w, http.StatusUnauthorized, "the bearer token is missing or not accepted", "make one with: scoutcloud token new NAME")
		case proves && !connOf(r.Context()).settle(true, s.apiToken(r)):
			w.Header().Set("Connection", "close")
			w.Header().Set("Retry-After", "10")
			fail(w, http.StatusServiceUnavailable, "too many connections of the API are open", "keep fewer, or close those that are not used")
		default:
			h.handle(s, w, r)
		}
	})
}

// statusOnly takes the status and the headers of an answer, not its text.
type statusOnly struct {
	http.ResponseWriter
	status int
}

func (s *statusOnly) WriteHeader(status int)      { s.status = status }
func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }
