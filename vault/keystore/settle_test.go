package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestUnderAKey(t *testing.T) {
	dir, h := newDir(t), &testHolder{}
	s := openUnder(t, dir, h)
	if s.Rest().How != SealedFile || s.Rest().Warning != "" || h.kept != 1 {
		t.Fatalf("rests as %+v, %d keys made", s.Rest(), h.kept)
	}
	for name, secret := range map[string][]byte{"wrap": []byte("the secret itself"), "empty": {}, "large": make([]byte, MaxSecret), "looks-sealed": []byte(magic)} {
		must(t, s.Save(name, secret))
		if file := fileOf(t, s, name); !isSealed(file) || name == "wrap" && bytes.Contains(file, secret) {
			t.Errorf("%s is not sealed", name)
		}
		wantSecret(t, openUnder(t, dir, h), name, secret)
	}
	if h.kept != 1 {
		t.Fatal("another key was made")
	}
	must(t, s.Remove("wrap"))
	_, err := s.Load("wrap")
	wantError(t, err, ErrNotFound)
}

func TestPlainBecomesSealed(t *testing.T) {
	dir := newDir(t)
	plain := openUnder(t, dir, nil)
	must(t, plain.Save("wrap", []byte("the secret itself")))
	must(t, plain.Save("sign", nil))
	h := &testHolder{keys: []Key{newKey()}}
	s := openUnder(t, dir, h)
	wantSecret(t, s, "wrap", []byte("the secret itself"))
	wantSecret(t, s, "sign", []byte{})
	if !isSealed(fileOf(t, s, "wrap")) || !isSealed(fileOf(t, s, "sign")) || !slices.Equal(s.Rest().Moved, []string{"sign", "wrap"}) {
		t.Fatalf("sealed %v", s.Rest().Moved)
	}
	if again := openUnder(t, dir, h); len(again.Rest().Moved) != 0 {
		t.Fatalf("sealed again: %v", again.Rest().Moved)
	}
	// A process that still runs as before must not write plain files now.
	wantSealedError(t, plain.Save("wrap", []byte("a new one")), ErrKeyMissing)
	_, err := plain.Load("wrap")
	wantSealedError(t, err, ErrKeyMissing)
}

func TestSealedDoesNotBecomePlain(t *testing.T) {
	dir := newDir(t)
	openUnder(t, dir, &testHolder{}) // no secret yet
	_, err := OpenUnder(dir, nil)
	wantSealedError(t, err, ErrKeyMissing)
	h := &testHolder{keys: []Key{newKey()}}
	_, err = OpenUnder(dir, h)
	wantSealedError(t, err, ErrOtherKey)

	dir = newDir(t)
	h = &testHolder{}
	must(t, openUnder(t, dir, h).Save("wrap", []byte("the secret itself")))
	// Even without its mark, and whatever the system says.
	must(t, os.Remove(filepath.Join(dir, mark)))
	for _, h := range []Holder{nil, &testHolder{}, &testHolder{err: ErrUnusable}, &testHolder{err: errors.New("not now")}, &testHolder{keys: []Key{keyOf(9)}}} {
		if _, err := OpenUnder(dir, h); err == nil {
			t.Errorf("opens under %v", h)
		}
		if h, ok := h.(*testHolder); ok && h.kept > 0 {
			t.Error("a key was made in place of the missing one")
		}
	}
	_, err = OpenUnder(dir, h)
	wantSealedError(t, err, ErrUnmarked)
}

// TestPlantedDuringTheMove: of an interrupted move, only those plain files are
// sealed that were there when it began.
func TestPlantedDuringTheMove(t *testing.T) {
	dir, h := newDir(t), &testHolder{keys: []Key{newKey()}}
	s := openUnder(t, dir, nil)
	for _, name := range []string{"sign", "tag", "wrap"} {
		must(t, s.Save(name, []byte("old "+name)))
	}
	files := 0
	s = &Store{dir: dir, patience: patience, step: func(step string) {
		if files += strings.Count(step, "make a file"); files == 3 { // the mark, one secret
			panic("interrupted")
		}
	}}
	func() {
		defer func() { recover() }()
		openStore(s, h)
	}()
	plantFile(t, s, "wrap", []byte("the attacker's key"))
	plantFile(t, s, "new", []byte("the attacker's key"))
	s = openUnder(t, dir, h)
	wantSecret(t, s, "sign", []byte("old sign"))
	wantSecret(t, s, "tag", []byte("old tag"))
	for _, name := range []string{"wrap", "new"} {
		_, err := s.Load(name)
		wantSealedError(t, err, ErrPlain)
	}
	if !slices.Equal(s.Rest().Moved, []string{"tag"}) {
		t.Fatalf("sealed %v", s.Rest().Moved)
	}
}

// TestOthersFilesAreNotSealed: if another account may have written a file, nothing
// is sealed until a person has checked it.
func TestOthersFilesAreNotSealed(t *testing.T) {
	dir := newDir(t)
	s := openUnder(t, dir, nil)
	plantFile(t, s, "wrap", make([]byte, MaxSecret+1))
	_, err := OpenUnder(dir, &testHolder{})
	wantError(t, err, ErrTooLarge)
	if marked, err := s.isMarked(); marked || err != nil {
		t.Fatal("the folder is marked", err)
	}
}

func TestPlantedFilesAreRefused(t *testing.T) {
	dir, h := newDir(t), &testHolder{}
	s := openUnder(t, dir, h)
	must(t, s.Save("wrap", []byte("the secret itself")))
	must(t, s.Save("sign", []byte("another")))
	wrap, sign := fileOf(t, s, "wrap"), fileOf(t, s, "sign")
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"plain":        {[]byte("the attacker's key"), ErrPlain},
		"nothing":      {nil, ErrPlain},
		"another name": {sign, ErrDamaged},
		"another key":  {sealSecret(newKey(), "wrap", []byte("x")), ErrOtherKey},
		"cut":          {wrap[:len(wrap)-1], ErrDamaged},
		"the mark":     {fileOf(t, s, mark), ErrDamaged},
	} {
		plantFile(t, s, "wrap", c.file)
		for _, s := range []*Store{s, openUnder(t, dir, h)} {
			_, err := s.Load("wrap")
			wantSealedError(t, err, c.want)
			wantSecret(t, s, "sign", []byte("another"))
		}
		if !bytes.Equal(fileOf(t, s, "wrap"), c.file) {
			t.Errorf("%s: what was planted is sealed now", name)
		}
	}
	plantFile(t, s, "wrap", sign)
	plantFile(t, s, "sign", wrap)
	for _, name := range []string{"wrap", "sign"} {
		_, err := s.Load(name)
		wantSealedError(t, err, ErrDamaged)
	}
	must(t, s.Save("wrap", []byte("a new one")))
	wantSecret(t, s, "wrap", []byte("a new one"))
}

func TestDamagedMark(t *testing.T) {
	dir, h := newDir(t), &testHolder{}
	s := openUnder(t, dir, h)
	file := fileOf(t, s, mark)
	for at := range file {
		bad := slices.Clone(file)
		bad[at] ^= 1
		plantFile(t, s, mark, bad)
		if _, err := OpenUnder(dir, h); err == nil {
			t.Fatalf("opens with byte %d of the mark changed", at)
		}
	}
	plantFile(t, s, mark, nil)
	_, err := OpenUnder(dir, h)
	wantSealedError(t, err, ErrPlain)
}

func TestKeyIsChanged(t *testing.T) {
	dir := newDir(t)
	former, next := newKey(), newKey()
	must(t, openUnder(t, dir, &testHolder{keys: []Key{former}}).Save("wrap", []byte("the secret itself")))
	s := openUnder(t, dir, &testHolder{keys: []Key{next, former}})
	if !slices.Equal(s.Rest().Moved, []string{"wrap"}) {
		t.Fatalf("sealed %v", s.Rest().Moved)
	}
	s = openUnder(t, dir, &testHolder{keys: []Key{next}})
	wantSecret(t, s, "wrap", []byte("the secret itself"))
	_, err := OpenUnder(dir, &testHolder{keys: []Key{former}})
	wantSealedError(t, err, ErrOtherKey)
}

func TestHolderThatFails(t *testing.T) {
	failed := errors.New("not now")
	_, err := OpenUnder(newDir(t), &testHolder{err: failed})
	wantError(t, err, failed)
	dir := newDir(t)
	s := openUnder(t, dir, &testHolder{err: fmt.Errorf("asking: %w", ErrUnusable)})
	if s.Rest().How != File || s.Rest().Warning == "" {
		t.Fatalf("rests as %+v", s.Rest())
	}
	must(t, s.Save("wrap", []byte("the secret itself")))
	wantSecret(t, openUnder(t, dir, &testHolder{}), "wrap", []byte("the secret itself"))
}

func TestPlainSecretsDoNotLookSealed(t *testing.T) {
	wantError(t, openUnder(t, newDir(t), nil).Save("wrap", []byte(magic+"secret")), ErrLooksSealed)
}

func TestAnotherProcessIsAtWork(t *testing.T) {
	dir := newDir(t)
	s, other := openUnder(t, dir, nil), openUnder(t, dir, nil)
	unlock, err := other.lock()
	must(t, err)
	s.patience = time.Millisecond
	wantError(t, s.Save("wrap", nil), ErrBusy)
	wantError(t, s.Remove("wrap"), ErrBusy)
	must(t, unlock())
	must(t, s.Save("wrap", nil))
}

func TestEveryWayHasItsSentence(t *testing.T) {
	for _, h := range []How{File, SealedFile, DPAPI, Keychain, Keyring} {
		if h.Sentence() == "" {
			t.Errorf("%s has no sentence", h)
		}
	}
}
