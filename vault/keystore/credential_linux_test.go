package keystore

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// giveCredential puts a credential where systemd does, and as it does
// (systemd.exec(5)): in a folder of mode 0500, the file of mode 0400.
func giveCredential(t *testing.T, contents map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range contents {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o400))
	}
	must(t, os.Chmod(dir, 0o500))
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	return dir
}

var someKey = strings.Repeat("k", KeySize)

func TestCredential(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	dir := newDir(t)
	plain := mustOpen(t, dir)
	if plain.Rest().How != File {
		t.Fatalf("rests as %+v", plain.Rest())
	}
	must(t, plain.Save("wrap", []byte("the secret itself")))
	giveCredential(t, map[string]string{credentialName: someKey, "another": "x"})
	s := mustOpen(t, dir)
	if s.Rest().How != SealedFile || s.Rest().Warning != "" || len(s.Rest().Moved) != 1 {
		t.Fatalf("rests as %+v", s.Rest())
	}
	wantSecret(t, s, "wrap", []byte("the secret itself"))
	if got := readReference(t, []byte(someKey), "wrap", fileOf(t, s, "wrap")); string(got) != "the secret itself" {
		t.Fatalf("sealed is %q", got)
	}
	for _, gone := range []string{"", t.TempDir(), "relative"} {
		t.Setenv("CREDENTIALS_DIRECTORY", gone)
		_, err := Open(dir)
		wantSealedError(t, err, ErrKeyMissing)
	}
}

func TestCredentialIsChanged(t *testing.T) {
	dir := newDir(t)
	giveCredential(t, map[string]string{credentialName: someKey})
	must(t, mustOpen(t, dir).Save("wrap", []byte("the secret itself")))
	next := strings.Repeat("n", KeySize)
	giveCredential(t, map[string]string{credentialName: next})
	_, err := Open(dir)
	wantSealedError(t, err, ErrOtherKey)
	giveCredential(t, map[string]string{credentialName: next, formerCredentialName: someKey})
	wantSecret(t, mustOpen(t, dir), "wrap", []byte("the secret itself"))
	giveCredential(t, map[string]string{credentialName: next})
	wantSecret(t, mustOpen(t, dir), "wrap", []byte("the secret itself"))
}

// A credential that is not valid is an error, not ignored.
func TestBadCredential(t *testing.T) {
	for _, content := range []string{"", someKey[1:], someKey + "\n", strings.Repeat("k", 1000)} {
		giveCredential(t, map[string]string{credentialName: content})
		_, err := Open(newDir(t))
		wantError(t, err, errCredential)
		giveCredential(t, map[string]string{credentialName: someKey, formerCredentialName: content})
		_, err = Open(newDir(t))
		wantError(t, err, errCredential)
	}
	for _, mode := range []os.FileMode{0o404, 0o402, 0o420, 0o444, 0o777} {
		dir := giveCredential(t, map[string]string{credentialName: someKey})
		must(t, os.Chmod(filepath.Join(dir, credentialName), mode))
		_, err := Open(newDir(t))
		wantInsecure(t, err)
	}
	dir := giveCredential(t, map[string]string{"elsewhere": someKey})
	must(t, os.Chmod(dir, 0o700))
	must(t, os.Symlink("elsewhere", filepath.Join(dir, credentialName)))
	_, err := Open(newDir(t))
	wantInsecure(t, err)
}

// The mode of a file of root that systemd's access list lets us read.
func TestCredentialWithAccessList(t *testing.T) {
	dir := giveCredential(t, map[string]string{credentialName: someKey})
	must(t, os.Chmod(filepath.Join(dir, credentialName), 0o440))
	mustOpen(t, newDir(t))
}

// TestCredentialOfSystemd has systemd-creds encrypt the key and decrypt it as
// systemd does at the start of a service, under a host key of the test's own.
func TestCredentialOfSystemd(t *testing.T) {
	tool := peers.Need(t, "systemd-creds")
	peers.NeedRoot(t)
	dir := t.TempDir()
	t.Setenv("SYSTEMD_CREDENTIAL_SECRET", filepath.Join(dir, "credential.secret"))
	run := func(stdin string, args ...string) string {
		t.Helper()
		cmd := exec.Command(tool, args...)
		cmd.Stdin = strings.NewReader(stdin)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("systemd-creds %s: %v: %s", args, err, stderr.String())
		}
		return string(out)
	}
	k := newKey()
	encrypted := run(string(k[:]), "encrypt", "--with-key=host", "--name="+credentialName, "-", "-")
	giveCredential(t, map[string]string{credentialName: run(encrypted, "decrypt", "--name="+credentialName, "-", "-")})
	s := mustOpen(t, newDir(t))
	must(t, s.Save("wrap", []byte("the secret itself")))
	if got := readReference(t, k[:], "wrap", fileOf(t, s, "wrap")); string(got) != "the secret itself" {
		t.Fatalf("sealed is %q", got)
	}
	// Its change, as docs/keystore.md has it.
	former := run(run(encrypted, "decrypt", "--name="+credentialName, "-", "-"), "encrypt", "--with-key=host", "--name="+formerCredentialName, "-", "-")
	giveCredential(t, map[string]string{credentialName: someKey, formerCredentialName: run(former, "decrypt", "--name="+formerCredentialName, "-", "-")})
	if s := openUnder(t, s.dir, credential{os.Getenv("CREDENTIALS_DIRECTORY")}); !slices.Equal(s.Rest().Moved, []string{"wrap"}) {
		t.Fatalf("sealed anew: %v", s.Rest().Moved)
	}
}

func TestWarningWhereSystemdOffersMore(t *testing.T) {
	given := credential{giveCredential(t, map[string]string{credentialName: someKey})}
	for _, c := range []struct {
		credential credential
		offered    bool
		held, warn bool
	}{
		{given, true, true, false},
		{given, false, true, false},
		{credential{}, true, false, true},
		{credential{t.TempDir()}, true, false, true},
		{credential{}, false, false, false},
	} {
		if h, warning := holderOf(c.credential, c.offered); (h != nil) != c.held || (warning != "") != c.warn {
			t.Errorf("%+v: %v, %q", c, h, warning)
		}
	}
}
