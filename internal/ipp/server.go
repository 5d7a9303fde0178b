package ipp

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/OpenPrinting/goipp"
)

// WriteResponse sends a response.
func WriteResponse(w http.ResponseWriter, m *goipp.Message) error {
	b, err := m.EncodeBytes()
	if err != nil {
		http.Error(w, "the answer could not be encoded", http.StatusInternalServerError)
		return fmt.Errorf("encoding an answer: %w", err)
	}
	w.Header().Set("Content-Type", ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(http.StatusOK)
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("sending an answer: %w", err)
	}
	return nil
}
