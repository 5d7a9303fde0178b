package keystore

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/windows"
)

func TestDPAPI(t *testing.T) {
	dir := newDir(t)
	s := mustOpen(t, dir)
	if s.Rest().How != DPAPI || s.Rest().Warning != "" {
		t.Fatalf("rests as %+v", s.Rest())
	}
	must(t, s.Save("wrap", theSecret))
	if file := fileOf(t, s, "wrap"); !isSealed(file) || bytes.Contains(file, theSecret) {
		t.Fatal("the secret is not sealed")
	}
	keys, err := dpapi{dir}.Keys()
	must(t, err)
	if file := fileOf(t, s, keyFile); bytes.Contains(file, keys[0][:]) {
		t.Fatal("the key lies in its file")
	}
	wantSecret(t, mustOpen(t, dir), "wrap", theSecret)
	if got := readReference(t, keys[0][:], "wrap", fileOf(t, s, "wrap")); !bytes.Equal(got, theSecret) {
		t.Fatalf("sealed is %q", got)
	}
}

func TestDPAPIPlainBecomesSealed(t *testing.T) {
	dir := newDir(t)
	must(t, openUnder(t, dir, nil).Save("wrap", theSecret))
	s := mustOpen(t, dir)
	wantSecret(t, s, "wrap", theSecret)
	if !slices.Equal(s.Rest().Moved, []string{"wrap"}) || !isSealed(fileOf(t, s, "wrap")) {
		t.Fatalf("sealed %v", s.Rest().Moved)
	}
}

// Whatever happens to the key's file, a secret opens as it was or not at all,
// and no other key takes its place.
func TestDPAPIKeyFileIsChanged(t *testing.T) {
	dir := newDir(t)
	s := mustOpen(t, dir)
	must(t, s.Save("wrap", theSecret))
	good := fileOf(t, s, keyFile)
	seen := 0
	try := func(bad []byte) {
		t.Helper()
		plantFile(t, s, keyFile, bad)
		again, err := Open(dir)
		if err != nil {
			wantNoSecret(t, err.Error())
			seen++
			return
		}
		wantSecret(t, again, "wrap", theSecret)
	}
	for at := 0; at < len(good); at += 3 {
		bad := bytes.Clone(good)
		bad[at] ^= 0x10
		try(bad)
		try(good[:at])
	}
	if seen < len(good)/3 {
		t.Fatalf("%d changes of %d bytes were seen", seen, len(good))
	}
	must(t, deleteFile(filepath.Join(dir, keyFile)))
	_, err := Open(dir)
	wantError(t, err, ErrKeyMissing)
	plantFile(t, s, keyFile, good)
	wantSecret(t, mustOpen(t, dir), "wrap", theSecret)
}

func deleteFile(path string) error {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	return windows.DeleteFile(name)
}

// allowEveryone lets every account read a file.
func allowEveryone(t *testing.T, path string) {
	t.Helper()
	sd, err := windows.SecurityDescriptorFromString("D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;WD)")
	must(t, err)
	list, _, err := sd.DACL()
	must(t, err)
	const what = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	must(t, windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, what, nil, nil, list, nil))
}

func TestFilesThatEverybodyMayRead(t *testing.T) {
	dir := newDir(t)
	s := mustOpen(t, dir)
	must(t, s.Save("wrap", theSecret))
	allowEveryone(t, filepath.Join(dir, "wrap"))
	_, err := s.Load("wrap")
	wantInsecure(t, err)
	must(t, s.Save("wrap", theSecret))
	wantSecret(t, s, "wrap", theSecret)

	allowEveryone(t, filepath.Join(dir, keyFile))
	_, err = Open(dir)
	wantInsecure(t, err)
}

// A folder that other accounts may enter is closed at the start, if it is ours.
func TestOpenFolderIsClosed(t *testing.T) {
	dir := newDir(t)
	s := mustOpen(t, dir)
	allowEveryone(t, dir)
	wantInsecure(t, s.checkFolder())
	must(t, mustOpen(t, dir).checkFolder())
}
