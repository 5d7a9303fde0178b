package keystore

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain is also the process that TestCrash kills.
func TestMain(m *testing.M) {
	if os.Getenv(crashEnv) != "" {
		os.Exit(runCrashCase())
	}
	os.Exit(m.Run())
}

// testHolder is a Holder for tests.
type testHolder struct {
	keys []Key
	err  error // of Keys
	kept int
}

func (h *testHolder) How() How { return SealedFile }

func (h *testHolder) Keys() ([]Key, error) {
	if h.err != nil {
		return nil, h.err
	}
	if len(h.keys) == 0 {
		return nil, ErrNoKey
	}
	return h.keys, nil
}

func (h *testHolder) Keep(k Key) error {
	h.kept++
	h.keys = []Key{k}
	return nil
}

func keyOf(b byte) Key { return Key(bytes.Repeat([]byte{b}, KeySize)) }

func openUnder(t *testing.T, dir string, h Holder) *Store {
	t.Helper()
	s, err := OpenUnder(dir, h)
	must(t, err)
	return s
}

func fileOf(t *testing.T, s *Store, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	must(t, err)
	return b
}

// plantFile writes a file as an attacker would, without the store.
func plantFile(t *testing.T, s *Store, name string, file []byte) {
	t.Helper()
	f, err := createUnfinished(s.dir)
	must(t, err)
	_, err = f.Write(file)
	must(t, err)
	must(t, f.Close())
	must(t, os.Rename(f.Name(), filepath.Join(s.dir, name)))
}

// wantSealedError requires a SealedError that names the file, has a hint, and
// contains no secret.
func wantSealedError(t *testing.T, err, want error) {
	t.Helper()
	wantError(t, err, want)
	for _, part := range []string{"/", ": "} {
		if !strings.Contains(filepath.ToSlash(err.Error()), part) {
			t.Errorf("error %q says not what to do", err)
		}
	}
	wantNoSecret(t, err.Error())
}

func wantInsecure(t *testing.T, err error) {
	t.Helper()
	insecure, ok := errors.AsType[*InsecureError](err)
	if !ok || insecure.Path == "" || insecure.Reason == "" || insecure.Hint == "" {
		t.Fatalf("error is %v", err)
	}
	if strings.Contains(err.Error(), "the secret itself") {
		t.Fatal("the error tells the secret")
	}
}
