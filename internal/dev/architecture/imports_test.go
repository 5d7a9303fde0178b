package architecture

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/printscout/printscout"

// goPackage is what go list says of one package.
type goPackage struct {
	ImportPath string
	Dir        string
	Doc        string
	GoFiles    []string
	// IgnoredGoFiles are for other systems.
	IgnoredGoFiles []string
	Imports        []string
	Deps           []string
	Standard       bool
}

func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json"}, args...)...)
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// under reports whether a package is the named one of ours or lies in its folder.
func under(path, name string) bool {
	full := module + "/" + name
	return path == full || strings.HasPrefix(path, full+"/")
}

// TestWhoMayKnowWhom holds the section of that name in docs/architecture.md.
func TestWhoMayKnowWhom(t *testing.T) {
	never := map[string][]string{
		"vault":              {""},
		"internal/settings":  {""},
		"internal/ipp":       {""},
		"internal/directory": {""},
		"internal/identity":  {""},
		"internal/version":   {""},
		"internal/durable":   {""},
		"internal/outcome":   {""},
		"internal/pwg":       {""},
		"internal/loglimit":  {""},
		"internal/process":   {""},
		"internal/cli":       {""},
		"internal/web":       {""},
		"internal/checkup":   {""},
		"internal/redact":    {""},
		"installer/checkups": {"scout", "spooler", "delivery", "vault", "cloud", "tray", "cmd"},
		"tray/preferences":   {""},
		"tray/local":         {"scout", "spooler", "delivery", "vault", "cloud", "cloudlink", "cmd", "internal/directory"},
		"internal/control":   {"scout", "spooler", "delivery", "vault", "cloud", "cloudlink"},
		"spooler":            {"delivery", "vault", "cloud", "cloudlink", "scout", "cmd"},
		"delivery":           {"spooler", "vault", "cloud", "cloudlink", "scout", "cmd"},
		"cloudlink":          {"spooler", "delivery", "vault", "cloud", "scout", "cmd"},
		"cloud":              {"spooler", "delivery", "vault", "scout", "cmd", "internal/control", "internal/ipp", "internal/settings"},
		"scout":              {"cloud", "cmd", "tray"},
		"tray":               {"scout", "spooler", "delivery", "vault", "cloud", "cloudlink", "cmd", "internal/settings", "internal/directory"},
		"installer":          {"scout", "spooler", "delivery", "cloud", "cloudlink", "tray", "cmd"},
		"cmd/printscout":     {"cloud"},
		"cmd/scoutcloud":     {"scout", "vault", "spooler"},
	}
	for _, p := range list(t, "./...") {
		for pkg, forbidden := range never {
			if !under(p.ImportPath, pkg) {
				continue
			}
			for _, dep := range p.Imports {
				if under(p.ImportPath, "internal/cli") && under(dep, "internal/version") {
					continue
				}
				if under(p.ImportPath, "internal/web") && under(dep, "internal/outcome") {
					continue
				}
				if under(p.ImportPath, "installer/checkups") && under(dep, "cloudlink") {
					continue
				}
				for _, f := range forbidden {
					if ours(dep) && !under(dep, pkg) && !under(dep, "internal/durable") && !under(dep, "internal/pwg") && (f == "" || under(dep, f)) {
						t.Errorf("%s imports %s: see docs/architecture.md, Who may know whom", p.ImportPath, dep)
					}
				}
			}
		}
		if under(p.ImportPath, "cloud") {
			cloudSharesOnly(t, p)
		}
		for _, dep := range p.Imports {
			if under(dep, "internal/dev") && !under(p.ImportPath, "internal/dev") {
				t.Errorf("%s imports %s: what is shipped does not know the tools", p.ImportPath, dep)
			}
		}
	}
}

func ours(path string) bool { return strings.HasPrefix(path, module+"/") }

func cloudSharesOnly(t *testing.T, p goPackage) {
	t.Helper()
	for _, dep := range p.Imports {
		if ours(dep) && !under(dep, "cloud") && !under(dep, "cloudlink/wire") && !under(dep, "internal/directory") && !under(dep, "internal/durable") && !under(dep, "internal/outcome") && !under(dep, "internal/loglimit") {
			t.Errorf("%s imports %s: the server shares only cloudlink/wire, internal/directory, internal/durable, internal/outcome and internal/loglimit with the scout", p.ImportPath, dep)
		}
	}
}

// TestWhoMayKnowWhichLibrary holds who may import which library.
func TestWhoMayKnowWhichLibrary(t *testing.T) {
	may := map[string][]string{
		"github.com/kardianos/service":    {"cmd/printscout"},
		"github.com/gorilla/websocket":    {"cloudlink", "cloud"},
		"github.com/Microsoft/go-winio":   {"internal/control"},
		"github.com/OpenPrinting/goipp":   {"internal/ipp", "spooler", "delivery", "installer"},
		"modernc.org/sqlite":              {"cloud"},
		"github.com/spf13/cobra":          {"cmd/printscout", "cmd/scoutcloud", "internal/cli", "internal/dev/clitest"},
		"github.com/spf13/pflag":          {"internal/cli"},
		"github.com/rogpeppe/go-internal": {"internal/dev/clitest"},
		"github.com/klauspost/compress":   {"vault"},
		"golang.org/x/term":               {"internal/cli"},
		"github.com/zalando/go-keyring":   {"tray", "vault/keystore"},
		"github.com/godbus/dbus/v5":       {"vault/keystore/session", "tray"},
		"github.com/coreos/go-oidc/v3":    {"tray", "cloud"},
		"github.com/gosnmp/gosnmp":        {"delivery/snmp", "delivery/simprinter"},
		"fyne.io/systray":                 {"tray"},
		"crypto/hpke":                     {"vault", "cloudlink/wire"},
		"github.com/google/uuid":          {"vault", "scout", "cloud", "cloudlink", "spooler", "delivery", "internal/directory", "internal/dev/load"},
		"golang.org/x/sys/unix":           {"installer", "vault", "internal/durable", "scout", "internal/identity", "internal/directory", "cmd/printscout", "cmd/scoutcloud", "spooler", "cloud", "delivery", "internal/process", "tray", "internal/checkup"},
		"github.com/nicksnyder/go-i18n":   {"internal/web"},
		"golang.org/x/text":               {"internal/web"},
		"golang.org/x/sys/windows":        {"installer", "vault", "internal/durable", "internal/settings", "internal/directory", "spooler", "cloud", "delivery", "cmd/printscout", "cmd/scoutcloud", "tray", "internal/checkup", "installer/checkups"},
		"howett.net/plist":                {"internal/settings"},
		"github.com/mattn/go-isatty":      {},
		"golang.org/x/net/http/httpproxy": {"cloudlink"},
	}
	for _, p := range list(t, "./...") {
		for _, dep := range p.Imports {
			if first, _, _ := strings.Cut(dep, "/"); ours(dep) || !strings.Contains(first, ".") && dep != "crypto/hpke" {
				continue
			}
			if !allowed(may, p.ImportPath, dep) {
				t.Errorf("%s imports %s: see docs/architecture.md and docs/dependencies.md", p.ImportPath, dep)
			}
		}
	}
}

func allowed(may map[string][]string, pkg, dep string) bool {
	for lib, who := range may {
		if dep == lib || strings.HasPrefix(dep, lib+"/") {
			return slices.ContainsFunc(who, func(w string) bool { return under(pkg, w) })
		}
	}
	return false
}

// TestServerLibrariesStayOutOfTheAgent looks at everything the agent links.
func TestServerLibrariesStayOutOfTheAgent(t *testing.T) {
	for _, p := range list(t, "./cmd/printscout") {
		for _, dep := range p.Deps {
			if strings.HasPrefix(dep, "modernc.org/") || under(dep, "cloud") || under(dep, "delivery/simprinter") || under(dep, "internal/dev/peers") || under(dep, "internal/dev") {
				t.Errorf("cmd/printscout links %s", dep)
			}
		}
	}
}

// TestTheAgentAsksNoKeyring: root that asks for a session bus may start one.
func TestTheAgentAsksNoKeyring(t *testing.T) {
	for _, p := range list(t, "./scout", "./vault/keystore") {
		for _, dep := range p.Deps {
			if strings.HasPrefix(dep, "github.com/godbus/") || strings.HasPrefix(dep, "github.com/zalando/go-keyring") {
				t.Errorf("%s links %s", p.ImportPath, dep)
			}
		}
	}
}

// TestTheAgentKnowsNoDesktop: the service has no session, and systray takes the
// main thread of whatever links it.
func TestTheAgentKnowsNoDesktop(t *testing.T) {
	for _, p := range list(t, "./scout", "./cmd/scoutcloud") {
		for _, dep := range p.Deps {
			if strings.HasPrefix(dep, "fyne.io/") || under(dep, "tray") {
				t.Errorf("%s links %s", p.ImportPath, dep)
			}
		}
	}
}

// TestPackagesSayWhatTheyAre wants a doc comment of more than a name.
func TestPackagesSayWhatTheyAre(t *testing.T) {
	for _, p := range list(t, "./...") {
		if doc := packageDoc(t, p); len(doc) < 60 {
			t.Errorf("%s has no package comment that says what it owns: %q", p.ImportPath, doc)
		}
	}
}

// packageDoc reads it from the files, since go list gives the first sentence.
func packageDoc(t *testing.T, p goPackage) (doc string) {
	t.Helper()
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		doc += f.Doc.Text()
	}
	return doc
}

// TestPackagesAreInTheTable wants every package in docs/architecture.md.
func TestPackagesAreInTheTable(t *testing.T) {
	page := document(t, "docs/architecture.md")
	for _, p := range list(t, "./...") {
		if name := strings.TrimPrefix(p.ImportPath, module+"/"); !strings.Contains(page, "| `"+name+"` |") {
			t.Errorf("docs/architecture.md does not name %s", name)
		}
	}
}
