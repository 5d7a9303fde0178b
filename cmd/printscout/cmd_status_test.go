package main

import (
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// TestConnectionTellsOfTheServer wants what is wrong with the server said, whether
// or not there is a connection.
func TestConnectionTellsOfTheServer(t *testing.T) {
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	for want, s := range map[string]control.Status{
		"":                                       {LastError: "it is down"},
		" (not connected)":                       {Enrolled: true},
		" (not connected: it is down)":           {Enrolled: true, LastError: "it is down"},
		" (connected since 2026-01-02 03:04:05)": {Enrolled: true, Connected: true, Since: since},
		" (connected since 2026-01-02 03:04:05; it offers nothing)": {Enrolled: true, Connected: true, Since: since, LastError: "it offers nothing"},
	} {
		if got := connectionWords(s); got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
		if rows := statusRows(s); s.Enrolled && !strings.HasSuffix(rows[4][1], want) {
			t.Errorf("the row is %q", rows[4])
		}
	}
}
