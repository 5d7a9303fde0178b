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

// TestMain is also the person in whose session a scenario is played.
func TestMain(m *testing.M) {
	if name := os.Getenv(scenarioEnv); name != "" {
		os.Exit(play(name))
	}
	os.Exit(m.Run())
}

const scenarioEnv = "SESSION_TEST_SCENARIO"

func play(name string) int {
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

// fake is a keyring of the test's own.
type fake struct {
	text    string
	err     func(text string) error
	hang    chan struct{} // while it is open, get does not answer
	means   State
	probes  func() error
	asked   int
	setting []string
}

func (f *fake) checkUsable(context.Context) error {
	if f.probes != nil {
		return f.probes()
	}
	return nil
}

func (f *fake) readItem() (string, error) {
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

func (f *fake) writeItem(text string) error {
	f.setting = append(f.setting, text)
	if f.err != nil {
		return f.err(text)
	}
	f.text = text
	return nil
}

func (f *fake) stateOfError(error) State { return f.means }

func openFake(dir string, f *fake) (*keystore.Store, error) {
	return openUnder(context.Background(), dir, keyringHolder{item: f, patience: time.Minute})
}

// tempDir is one that is removed as far as Wine lets it be.
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
	f, dir := &fake{}, tempDir(t)
	s, err := openFake(dir, f)
	must(t, err)
	token := bytes.Repeat([]byte("token"), 10_000) // more than a keyring takes
	must(t, s.Save("refresh", token))
	must(t, s.Save("another", []byte("x")))
	s, err = openFake(dir, f)
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
	f, dir := &fake{}, tempDir(t)
	_, err := openFake(dir, f)
	must(t, err)
	for _, text := range []string{"", "no key", f.text[2:], strings.Repeat("ab", keystore.KeySize)} {
		g := &fake{text: text}
		_, err = openFake(dir, g)
		wantState(t, err, Lost)
		if len(g.setting) > 0 {
			t.Fatal("a new key took its place")
		}
	}
}

func TestKeyringFails(t *testing.T) {
	for _, means := range []State{Locked, Absent, Denied, Failed} {
		dir := tempDir(t)
		_, err := openFake(dir, &fake{means: means, err: func(string) error { return errors.New("no") }})
		wantState(t, err, means)
		_, err = openFake(dir, &fake{probes: func() error { return &Error{State: means} }})
		wantState(t, err, means)
		if left, _ := os.ReadDir(dir); slices.ContainsFunc(left, func(e os.DirEntry) bool { return e.Name() != ".lock" }) {
			t.Fatal(left)
		}
	}
}

// A keyring that ends in the middle of a call makes the library panic.
func TestLibraryPanics(t *testing.T) {
	_, err := openFake(tempDir(t), &fake{err: func(string) error { panic("nil signal") }})
	wantState(t, err, Failed)
}

// What goes wrong while the key is stored must not tell it.
func TestErrorsDoNotTellTheKey(t *testing.T) {
	f := &fake{means: Failed, err: func(text string) error {
		if text == "" {
			return library.ErrNotFound
		}
		return fmt.Errorf("cannot store %q", text)
	}}
	_, err := openFake(tempDir(t), f)
	wantState(t, err, Failed)
	if len(f.setting) != 1 || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), f.setting[0]) {
		t.Fatalf("error is %v", err)
	}
	bad := "an item of another program"
	_, err = openFake(tempDir(t), &fake{text: bad})
	wantState(t, err, Lost)
	if strings.Contains(err.Error(), bad[:4]) && strings.Contains(err.Error(), "another") {
		t.Fatalf("error is %v", err)
	}
}

// TestHanging: who asks is told in time, and what hangs is asked once.
func TestHanging(t *testing.T) {
	f := &fake{hang: make(chan struct{})}
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
	_, err = openFake(dir, f)
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
