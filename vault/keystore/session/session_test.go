package session

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	library "github.com/zalando/go-keyring"

	"github.com/printscout/printscout/vault/keystore"
)

// TestMain also runs a scenario in a person's session.
func TestMain(m *testing.M) {
	if name := os.Getenv(scenarioEnv); name != "" {
		os.Exit(runScenario(name))
	}
	os.Exit(m.Run())
}

const scenarioEnv = "SESSION_TEST_SCENARIO"

func runScenario(name string) int {
	if err := scenarios[name](os.Getenv("SESSION_TEST_DIR")); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fakeItem is a keyring for tests.
type fakeItem struct {
	text    string
	err     func(text string) error
	hang    chan struct{} // while it is open, get does not answer
	means   State
	probes  func() error
	asked   int
	setting []string
}

func (f *fakeItem) checkUsable(context.Context) error {
	if f.probes != nil {
		return f.probes()
	}
	return nil
}

func (f *fakeItem) readItem() (string, error) {
	f.asked++
	if f.hang != nil {
		<-f.hang
	}
	if f.err != nil {
		return "", f.err(f.text)
	}
	if f.text == "" {
		return "", library.ErrNotFound
	}
	return f.text, nil
}

func (f *fakeItem) writeItem(text string) error {
	f.setting = append(f.setting, text)
	if f.err != nil {
		return f.err(text)
	}
	f.text = text
	return nil
}

func (f *fakeItem) stateOfError(error) State { return f.means }

func openWithFake(dir string, f *fakeItem) (*keystore.Store, error) {
	return openUnder(context.Background(), dir, keyringHolder{item: f, patience: time.Minute})
}

// tempDir returns a temporary folder, which is removed as far as Wine can.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "session")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "secrets")
}

func wantState(t *testing.T, err error, want State) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.State != want || e.Sentence() == "" || e.Hint() == "" {
		t.Fatalf("error is %v (%+v), want %s", err, e, want)
	}
}

func TestKeyringHoldsOneKey(t *testing.T) {
	f, dir := &fakeItem{}, tempDir(t)
	s, err := openWithFake(dir, f)
	must(t, err)
	token := bytes.Repeat([]byte("token"), 10_000) // more than a keyring takes
	must(t, s.Save("refresh", token))
	must(t, s.Save("another", []byte("x")))
	s, err = openWithFake(dir, f)
	must(t, err)
	got, err := s.Load("refresh")
	if err != nil || !bytes.Equal(got, token) || s.Rest().How != keystore.Keyring {
		t.Fatalf("%d bytes, %v, %v", len(got), err, s.Rest())
	}
	if key, err := hex.DecodeString(f.text); err != nil || len(key) != keystore.KeySize || len(f.setting) != 1 {
		t.Fatalf("the keyring was given %d items, %v", len(f.setting), err)
	}
}

func TestKeyIsGone(t *testing.T) {
	f, dir := &fakeItem{}, tempDir(t)
	_, err := openWithFake(dir, f)
	must(t, err)
	for _, text := range []string{"", "no key", f.text[2:], strings.Repeat("ab", keystore.KeySize)} {
		g := &fakeItem{text: text}
		_, err = openWithFake(dir, g)
		wantState(t, err, Lost)
		if len(g.setting) > 0 {
			t.Fatal("a new key took its place")
		}
	}
}

func TestKeyringFails(t *testing.T) {
	for _, means := range []State{Locked, Absent, Denied, Failed} {
		dir := tempDir(t)
		_, err := openWithFake(dir, &fakeItem{means: means, err: func(string) error { return errors.New("no") }})
		wantState(t, err, means)
		_, err = openWithFake(dir, &fakeItem{probes: func() error { return &Error{State: means} }})
		wantState(t, err, means)
		if left, _ := os.ReadDir(dir); slices.ContainsFunc(left, func(e os.DirEntry) bool { return e.Name() != ".lock" }) {
			t.Fatal(left)
		}
	}
}

// A keyring that ends in the middle of a call makes the library panic.
func TestLibraryPanics(t *testing.T) {
	_, err := openWithFake(tempDir(t), &fakeItem{err: func(string) error { panic("nil signal") }})
	wantState(t, err, Failed)
}

// What goes wrong while the key is stored must not tell it.
func TestErrorsDoNotTellTheKey(t *testing.T) {
	f := &fakeItem{means: Failed, err: func(text string) error {
		if text == "" {
			return library.ErrNotFound
		}
		return fmt.Errorf("cannot store %q", text)
	}}
	_, err := openWithFake(tempDir(t), f)
	wantState(t, err, Failed)
	if len(f.setting) != 1 || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), f.setting[0]) {
		t.Fatalf("error is %v", err)
	}
	bad := "an item of another program"
	_, err = openWithFake(tempDir(t), &fakeItem{text: bad})
	wantState(t, err, Lost)
	if strings.Contains(err.Error(), bad[:4]) && strings.Contains(err.Error(), "another") {
		t.Fatalf("error is %v", err)
	}
}

// TestHanging: callers get an error in time, and only one call hangs.
func TestHanging(t *testing.T) {
	f := &fakeItem{hang: make(chan struct{})}
	dir := tempDir(t)
	for range 3 {
		_, err := openUnder(context.Background(), dir, keyringHolder{item: f, patience: time.Millisecond})
		wantState(t, err, Hanging)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := openUnder(ctx, dir, keyringHolder{item: f, patience: time.Minute})
	wantState(t, err, Hanging)
	close(f.hang)
	_, err = openWithFake(dir, f)
	must(t, err)
	if f.asked > 3 { // the one that hung, and two of the last: before and after Keep
		t.Fatalf("asked %d times", f.asked)
	}
}

func TestEveryStateHasItsWords(t *testing.T) {
	for _, s := range []State{Absent, Locked, Hanging, Denied, Failed, Lost} {
		e := &Error{State: s}
		if e.Sentence() == "" || e.Hint() == "" || e.Error() == "" {
			t.Errorf("%s has no words", s)
		}
	}
}
