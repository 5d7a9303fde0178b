package delivery

import (
	"errors"
	"testing"

	"github.com/printscout/printscout/internal/ipp"
)

func TestRawHost(t *testing.T) {
	for uri, want := range map[string]string{
		"socket://p":         "p:9100",
		"socket://P/":        "P:9100",
		"socket://10.0.0.9":  "10.0.0.9:9100",
		"socket://p:9101":    "p:9101",
		"socket://[::1]":     "[::1]:9100",
		"socket://[::1]:910": "[::1]:910",
		"ipp://p":            "",
		"socket:p":           "",
		"socket://p?x":       "",
		"socket://p#x":       "",
	} {
		got, err := rawHost(uri)
		if got != want || (err == nil) != (want != "") || err != nil && !errors.Is(err, ipp.ErrURI) {
			t.Errorf("%s: %q, %v", uri, got, err)
		}
	}
}
