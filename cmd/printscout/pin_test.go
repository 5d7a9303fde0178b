//go:build unix

package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

func TestPINOfALine(t *testing.T) {
	for in, want := range map[string]string{
		"4711": "4711", "4711\n": "4711", "4711\r\n": "4711", " 4711 \n": " 4711 ", "4711\r": "4711",
		strings.Repeat("x", 255): strings.Repeat("x", 255), "\xfe\xff\n": "\xfe\xff",
	} {
		if got, err := parsePIN([]byte(in)); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "\n", "\r\n", "4711\n\n", "a\nb", strings.Repeat("x", 256)} {
		if got, err := parsePIN([]byte(in)); program.Status(err, false) != cli.Usage {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

// agentWithPINs has jobs of which those whose id begins with p need a PIN.
type agentWithPINs struct{ control.Agent }

func (agentWithPINs) Job(_ control.Caller, id string) (control.Job, error) {
	if id == "gone" {
		return control.Job{}, &control.Error{Code: control.CodeNotFound, Message: "no"}
	}
	return control.Job{ID: id, PINRequired: strings.HasPrefix(id, "p")}, nil
}

// TestPINsAreAskedFor asks for the PIN of each job that has one, and of no
// other.
func TestPINsAreAskedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- control.NewServer(agentWithPINs{}, slog.New(slog.DiscardHandler)).Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	client := control.NewClient(path)
	defer client.Close()
	var about []string
	ask := func(id string) ([]byte, error) {
		about = append(about, id)
		return []byte("pin of " + id), nil
	}
	got, err := askForPINs(t.Context(), client, control.Release{Jobs: []string{"p1", "a", "p2"}, Printer: "x"}, ask)
	if err != nil || len(got) != 3 || !slices.Equal(about, []string{"p1", "p2"}) {
		t.Fatalf("%+v, asked of %v, %v", got, about, err)
	}
	for i, want := range []string{"pin of p1", "", "pin of p2"} {
		if string(got[i].PIN) != want || got[i].Printer != "x" || len(got[i].Jobs) != 1 {
			t.Errorf("%+v", got[i])
		}
	}
	got, err = askForPINs(t.Context(), client, control.Release{Jobs: []string{"a", "b"}, Printer: "x"}, ask)
	if err != nil || len(got) != 1 || len(got[0].Jobs) != 2 || got[0].PIN != nil {
		t.Errorf("without PINs: %+v, %v", got, err)
	}
	if _, err := askForPINs(t.Context(), client, control.Release{Jobs: []string{"p1", "gone"}}, ask); err == nil {
		t.Error("a job that is not there")
	}
	interrupted := errors.New("interrupted")
	if _, err := askForPINs(t.Context(), client, control.Release{Jobs: []string{"p1"}}, func(string) ([]byte, error) { return nil, interrupted }); !errors.Is(err, interrupted) {
		t.Errorf("nobody answers: %v", err)
	}
}

func TestJobsWithPINAreMarked(t *testing.T) {
	rows := jobsRows([]control.Job{{State: "parked", PINRequired: true}, {State: "waiting", Reason: "why"}})
	if rows[1][1] != "parked, PIN" || rows[2][1] != "waiting" || !slices.Contains(rows[2], "why") {
		t.Errorf("%q", rows)
	}
}
