package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/printscout/printscout/cloudlink/wire"
)

// admits reports whether who is asking may use a route for who.
func (s *Server) admits(who Who, r *http.Request) (bool, error) {
	if who != APIOnly && who != ScoutOrAPI {
		return true, nil
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return false, nil
	}
	if who == ScoutOrAPI && s.sessions.has(token) {
		return true, nil
	}
	_, err := s.registry.APIToken(r.Context(), hash(token))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// problem is the body of every answer that is an error.
type problem struct {
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
}

func fail(w http.ResponseWriter, status int, sentence, hint string) {
	w.Header().Del("Content-Length")
	reply(w, status, problem{Error: sentence, Hint: hint})
}

// broken answers when the registry fails; what exactly is not for strangers.
func (s *Server) broken(w http.ResponseWriter, err error) {
	s.complain(s.ctx, "a request failed", err)
	fail(w, http.StatusInternalServerError, "the server could not read or write its registry", "its log says more")
}

// readBody reads a JSON body into v; false if it has answered with an error.
func readBody(w http.ResponseWriter, r *http.Request, v any, strict bool) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, wire.MaxBody))
	if strict {
		decoder.DisallowUnknownFields()
	}
	err := decoder.Decode(v)
	if err == nil {
		if _, rest := decoder.Token(); !errors.Is(rest, io.EOF) {
			err = errors.New("there is something after it")
			if _, big := errors.AsType[*http.MaxBytesError](rest); big {
				err = rest
			}
		}
	}
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", wire.MaxBody), "")
		return false
	}
	if err != nil {
		fail(w, http.StatusBadRequest, "the body is not the JSON it should be: "+err.Error(), "the fields are in docs/protocol.md")
		return false
	}
	return true
}
