package cloud

import (
	"bytes"
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
	token := bearerOf(r)
	if token == "" {
		return false, nil
	}
	if who == ScoutOrAPI && s.sessions.has(token) {
		return true, nil
	}
	_, err := s.registry.APIToken(r.Context(), hash(token), s.cfg.Now())
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// bearerOf is the bearer token of a request; "" without one.
func bearerOf(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == r.Header.Get("Authorization") {
		return ""
	}
	return token
}

// apiToken is the hash of the API token of a request; "" if it came with the
// session key of a scout.
func (s *Server) apiToken(r *http.Request) string {
	if s.sessions.has(bearerOf(r)) {
		return ""
	}
	return string(hash(bearerOf(r)))
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

// readBody reads a JSON body into v and returns its bytes; false if it has
// answered with an error.
func readBody(w http.ResponseWriter, r *http.Request, v any, strict bool) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxBody))
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", wire.MaxBody), "")
		return nil, false
	}
	if err == nil {
		err = decodeBody(body, v, strict)
	}
	if err != nil {
		fail(w, http.StatusBadRequest, "invalid JSON in request body: "+err.Error(), "the fields are in docs/protocol.md")
		return nil, false
	}
	return body, true
}

func decodeBody(body []byte, v any, strict bool) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if strict {
		decoder.DisallowUnknownFields()
	}
	if err := decoder.Decode(v); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after it")
	}
	return nil
}
