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

// mayUse reports whether a request may use a route that is for who.
func (s *Server) mayUse(who Who, r *http.Request) (bool, error) {
	if who != APIOnly && who != ScoutOrAPI {
		return true, nil
	}
	token := bearerToken(r)
	if token == "" {
		return false, nil
	}
	if who == ScoutOrAPI && s.sessions.has(token) {
		return true, nil
	}
	_, err := s.registry.APIToken(r.Context(), tokenHash(token), s.cfg.Now())
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// bearerToken returns the bearer token of a request; "" without one.
func bearerToken(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == r.Header.Get("Authorization") {
		return ""
	}
	return token
}

// apiTokenHash returns the hash of a request's API token; "" if it came with
// the session key of a scout.
func (s *Server) apiTokenHash(r *http.Request) string {
	if s.sessions.has(bearerToken(r)) {
		return ""
	}
	return string(tokenHash(bearerToken(r)))
}

// writeJSON answers with a body in JSON.
func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// errorBody is the body of every error response.
type errorBody struct {
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
	Code  string `json:"code,omitempty"` // for programs, where the status does not say enough
}

// writeError answers with an error and what to do about it.
func writeError(w http.ResponseWriter, status int, sentence, hint string) {
	w.Header().Del("Content-Length")
	writeJSON(w, status, errorBody{Error: sentence, Hint: hint})
}

// writeInternalError answers when the registry fails. The details go only to
// the log.
func (s *Server) writeInternalError(w http.ResponseWriter, err error) {
	s.logError(s.ctx, "a request failed", err)
	writeError(w, http.StatusInternalServerError, "the server could not read or write its registry", "its log says more")
}

// readBody reads a JSON body into v and returns its bytes; false if it has
// answered with an error.
func readBody(w http.ResponseWriter, r *http.Request, v any, strict bool) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxBody))
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		writeError(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", wire.MaxBody), "")
		return nil, false
	}
	if err == nil {
		err = decodeBody(body, v, strict)
	}
	if err != nil {
		writeError(w, http.StatusBadRequest, "invalid JSON in request body: "+err.Error(), "the fields are in docs/protocol.md")
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
