//go:build !race

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// entry is one file or folder of a package.
type entry struct {
	header  *tar.Header
	content []byte
}

// readTar returns what is in a tar archive, by paths without a leading slash.
func readTar(t *testing.T, r io.Reader) map[string]entry {
	t.Helper()
	entries := map[string]entry{}
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return entries
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.Trim(path.Clean("/"+h.Name), "/")
		if _, twice := entries[name]; twice {
			t.Errorf("%s is in the package twice", name)
		}
		entries[name] = entry{h, content}
	}
}

// unpack returns what a package installs, read by each format's own tools.
func unpack(t *testing.T, product, format, arch string) map[string]entry {
	t.Helper()
	file := packageFile(t, product, format, arch)
	switch format {
	case "deb":
		return readTar(t, strings.NewReader(run(t, peers.Need(t, "dpkg-deb"), "--fsys-tarfile", file)))
	case "rpm":
		return unpackRPM(t, file)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f) // an apk is three gzip streams, one tar archive
	if err != nil {
		t.Fatal(err)
	}
	return readTar(t, z)
}

// unpackRPM reads modes and owners as rpm says them, and contents by cpio, which
// would write to this computer's own folders if it took the paths as they are.
func unpackRPM(t *testing.T, file string) map[string]entry {
	t.Helper()
	cpio := exec.Command("/bin/sh", "-c", peers.Need(t, "rpm2cpio")+` "$1" | `+peers.Need(t, "cpio")+` --quiet -id --no-absolute-filenames`, "sh", file)
	cpio.Dir = t.TempDir()
	if err := runQuiet(cpio); err != nil {
		t.Fatal(err)
	}
	entries := map[string]entry{}
	for _, line := range strings.Split(strings.TrimSpace(run(t, peers.Need(t, "rpm"), "-qp", "--qf", `[%{FILENAMES} %{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME}\n]`, file)), "\n") {
		f := strings.Fields(line)
		h := &tar.Header{Name: f[0], Typeflag: tar.TypeReg, Uname: f[2], Gname: f[3]}
		if f[1][0] == 'd' {
			h.Typeflag = tar.TypeDir
		}
		for i, c := range f[1][1:10] {
			if c != '-' {
				h.Mode |= 1 << (8 - i)
			}
		}
		var content []byte
		if h.Typeflag == tar.TypeReg {
			var err error
			if content, err = os.ReadFile(path.Join(cpio.Dir, f[0])); err != nil {
				t.Fatal(err)
			}
		}
		entries[strings.Trim(f[0], "/")] = entry{h, content}
	}
	return entries
}

// eachPackage calls a function with what is in each package.
func eachPackage(t *testing.T, check func(t *testing.T, product, format string, entries map[string]entry)) {
	for _, product := range products {
		for _, format := range formats {
			for _, arch := range arches {
				t.Run(product+" "+format+" "+arch, func(t *testing.T) {
					check(t, product, format, unpack(t, product, format, arch))
				})
			}
		}
	}
}

// promised returns the files that a package must have. Those of tar.gz are below
// its folder.
func promised(product, format string) []string {
	if format == "tar.gz" {
		all := []string{product, "README", "LICENSE", "LICENSES.gz", "CHANGELOG.md", "man/" + product + ".1.gz", "completion/bash", "completion/fish", "completion/zsh",
			"systemd/" + product + ".service", "systemd/" + product + ".sysusers.conf"}
		if product == "printscout" {
			all = append(all, "systemd/printscout.socket", "systemd/printscout-queue.service", "systemd/printscout-queue.path", "desktop/printscout.desktop", "desktop/printscout-tray.desktop")
		}
		return all
	}
	doc := "usr/share/doc/" + product + "/"
	all := []string{"usr/bin/" + product, "etc/" + product, "usr/share/man/man1/" + product + ".1.gz", doc + "README", doc + "LICENSES.gz",
		"usr/share/bash-completion/completions/" + product, "usr/share/fish/vendor_completions.d/" + product + ".fish"}
	if product == "printscout" {
		all = append(all, "etc/printscout/policy.d", "etc/xdg/autostart/printscout-tray.desktop", "usr/share/applications/printscout.desktop")
	} else {
		all = append(all, "etc/scoutcloud/site", "etc/scoutcloud/scoutcloud.env")
	}
	if format == "apk" {
		return append(all, "etc/init.d/"+product, "usr/share/licenses/"+product+"/LICENSE", "usr/share/zsh/site-functions/_"+product,
			".PKGINFO", ".post-install", ".post-upgrade", ".pre-deinstall")
	}
	all = append(all, "usr/lib/systemd/system/"+product+".service", "usr/lib/sysusers.d/"+product+".conf", "usr/lib/tmpfiles.d/"+product+".conf")
	if product == "printscout" {
		all = append(all, "usr/lib/systemd/system/printscout.socket", "usr/lib/systemd/system/printscout-queue.service", "usr/lib/systemd/system/printscout-queue.path")
	}
	if format == "rpm" {
		return append(all, "usr/share/licenses/"+product+"/LICENSE", "usr/share/zsh/site-functions/_"+product)
	}
	return append(all, doc+"copyright", doc+"changelog.gz", "usr/share/lintian/overrides/"+product, "usr/share/zsh/vendor-completions/_"+product)
}

// TestPackagesHaveWhatIsPromised also wants nothing outside of the folders where
// a package may put files.
func TestPackagesHaveWhatIsPromised(t *testing.T) {
	may := regexp.MustCompile(`^(usr(/bin|/lib|/share)?|etc(/(init\.d|xdg)(/.*)?)?|etc/(printscout|scoutcloud)(/.*)?|usr/bin/(printscout|scoutcloud)|usr/lib/(systemd|sysusers\.d|tmpfiles\.d)(/.*)?|usr/share/(applications|bash-completion|doc|fish|licenses|lintian|man|zsh)(/.*)?|\.(PKGINFO|post-install|post-upgrade|pre-deinstall))$`)
	eachPackage(t, func(t *testing.T, product, format string, entries map[string]entry) {
		top := ""
		if format == "tar.gz" {
			for name := range entries {
				if !strings.Contains(name, "/") {
					top = name + "/"
				}
			}
		}
		for _, name := range promised(product, format) {
			if _, ok := entries[top+name]; !ok {
				t.Errorf("%s is not in the package", name)
			}
		}
		for name := range entries {
			if top == "" && name != "" && !may.MatchString(name) {
				t.Errorf("%s is in the package", name)
			}
			if top != "" && name+"/" != top && !strings.HasPrefix(name, top) {
				t.Errorf("%s is not below %s", name, top)
			}
		}
	})
}

// TestPackagesGiveAwayNothing looks at owners, rights and contents.
func TestPackagesGiveAwayNothing(t *testing.T) {
	eachPackage(t, func(t *testing.T, product, format string, entries map[string]entry) {
		for name, e := range entries {
			h := e.header
			if h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeDir {
				t.Errorf("%s is of type %c", name, h.Typeflag)
			}
			if format == "apk" && strings.HasPrefix(name, ".") {
				continue // read by apk, never installed
			}
			if h.Uid != 0 || h.Gid != 0 || h.Uname != "root" || h.Gname != "root" {
				t.Errorf("%s belongs to %s(%d):%s(%d)", name, h.Uname, h.Uid, h.Gname, h.Gid)
			}
			want := int64(0o644)
			switch {
			case h.Typeflag == tar.TypeDir, path.Base(name) == product && bytes.HasPrefix(e.content, []byte("\x7fELF")), strings.HasPrefix(name, "etc/init.d/"):
				want = 0o755
			}
			if h.Mode&0o7777 != want {
				t.Errorf("%s has the mode %o, want %o", name, h.Mode&0o7777, want)
			}
			for _, found := range secretsIn(e.content) {
				t.Errorf("%s has %q", name, found)
			}
		}
	})
}

var (
	privateKey = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\n?[A-Za-z0-9+/=\s]{32,}|AGE-SECRET-KEY-1[0-9A-Z]{20,}`)
	credential = regexp.MustCompile(`(?im)^\s*"?[\w.-]*(password|passwd|secret|token|api_?key|community)"?\s*[=:]\s*"?[^\s"$<]{3,}`)
	// A file that only its owner may read anywhere has no place in a package.
	homeFile = regexp.MustCompile(`(?m)(^|[\s"'])/(root|home/[a-z]+)/[a-z.]`)
)

// secretsIn returns what looks like a private key, a credential, or a path of
// whoever built the package. Of compressed files the content counts.
func secretsIn(content []byte) (found []string) {
	if bytes.HasPrefix(content, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			return []string{err.Error()}
		}
		if content, err = io.ReadAll(z); err != nil {
			return []string{err.Error()}
		}
	}
	looks := []*regexp.Regexp{privateKey}
	if !bytes.HasPrefix(content, []byte("\x7fELF")) {
		looks = append(looks, credential, homeFile)
	}
	for _, look := range looks {
		for _, m := range look.FindAll(content, 3) {
			found = append(found, string(m))
		}
	}
	return found
}

// TestSecretsAreFound plants what TestPackagesGiveAwayNothing looks for.
func TestSecretsAreFound(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, "x\npassword = hunter2\n")
	z.Close()
	for _, planted := range []string{
		"a\n-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMRE\n-----END PRIVATE KEY-----\n",
		"\x7fELF -----BEGIN EC PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMRE",
		`{"api_token": "abcdef"}` + "\n\"api_token\": \"abcdef\"\n", "SCOUTCLOUD_TOKEN=abcdef\n", "see /root/go/src\n", packed.String(),
	} {
		if len(secretsIn([]byte(planted))) == 0 {
			t.Errorf("%q is not found", planted)
		}
	}
	for _, harmless := range []string{"The password: it is shown once.\n", "#SCOUTCLOUD_TLS_KEY=/etc/x\n", "-----BEGIN PRIVATE KEY-----\x00"} {
		if f := secretsIn([]byte(harmless)); len(f) > 0 {
			t.Errorf("%q is found in %q", f, harmless)
		}
	}
}

// TestPackagesHaveTheFilesOfTheInstaller: the command that installs and the
// packages put the same bytes in place.
func TestPackagesHaveTheFilesOfTheInstaller(t *testing.T) {
	for _, product := range products {
		entries := unpack(t, product, "deb", "amd64")
		source := func(name string) []byte {
			b, err := os.ReadFile(path.Join(repository, "installer", "linux", name))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		for installed, from := range map[string]string{
			"usr/lib/systemd/system/" + product + ".service": product + ".service",
			"usr/lib/sysusers.d/" + product + ".conf":        product + ".sysusers.conf",
			"usr/lib/tmpfiles.d/" + product + ".conf":        product + ".tmpfiles.conf",
		} {
			if !bytes.Equal(entries[installed].content, source(from)) {
				t.Errorf("%s is not installer/linux/%s", installed, from)
			}
		}
	}
	conffiles := run(t, peers.Need(t, "dpkg-deb"), "--ctrl-tarfile", packageFile(t, "scoutcloud", "deb", "amd64"))
	if got := string(readTar(t, strings.NewReader(conffiles))["conffiles"].content); !slices.Contains(strings.Fields(got), "/etc/scoutcloud/scoutcloud.env") {
		t.Errorf("an upgrade would overwrite the server's settings: conffiles are %q", got)
	}
}
