//go:build !race

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/printscout/printscout/internal/dev/peers"
)

// repository is the folder of go.mod.
const repository = "../../.."

// builtDir is where all tests find the packages, which are made once.
var builtDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "packages")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	builtDir = filepath.Join(dir, "packages")
	code := m.Run()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// The version of the packages that are tested, and of those before.
const (
	testDescribe   = "v9.8.7-rc.1"
	formerDescribe = "v9.8.6"
)

var (
	toolsOnce = sync.OnceValue(func() error {
		tools, err := filepath.Abs(filepath.Join(repository, "bin", "tools"))
		if err != nil {
			return err
		}
		return runQuiet(makeCommand(filepath.Join(tools, "nfpm"), filepath.Join(tools, "cyclonedx-gomod")))
	})
	buildOnce = sync.OnceValue(func() error {
		return runQuiet(makeCommand("packages", "PACKAGES="+builtDir, "VERSION="+testDescribe, "COMMIT=0abcdef", fmt.Sprintf("EPOCH=%d", testEpoch)))
	})
)

// makeCommand returns a command of make that knows nothing of a make that runs
// the tests.
func makeCommand(args ...string) *exec.Cmd {
	c := exec.Command("make", append([]string{"--no-print-directory", "-C", repository}, args...)...)
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !slices.Contains([]string{"MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL"}, name) {
			c.Env = append(c.Env, v)
		}
	}
	return c
}

// needTools skips the test if the packager cannot be built here.
func needTools(t *testing.T) (dir string) {
	t.Helper()
	peers.Short(t, "making packages")
	peers.Need(t, "make")
	if err := toolsOnce(); err != nil {
		t.Log(err)
		peers.Missing(t, "nfpm or cyclonedx-gomod")
	}
	dir, err := filepath.Abs(filepath.Join(repository, "bin", "tools"))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// built returns the folder with all packages, as make packages made it.
func built(t *testing.T) (dir string) {
	t.Helper()
	needTools(t)
	if err := buildOnce(); err != nil {
		t.Fatal(err)
	}
	return builtDir
}

// packageFile returns the path of one package.
func packageFile(t *testing.T, product, format, arch string) string {
	t.Helper()
	v, err := parseVersion(testDescribe, testEpoch)
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{packaging: &packaging{number: v}, product: product, arch: arch}
	return filepath.Join(built(t), b.fileName(format))
}

// run runs a command, and returns its standard output.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, said.String())
	}
	return string(out)
}

var (
	products = []string{"printscout", "scoutcloud"}
	arches   = []string{"amd64", "arm64"}
	formats  = []string{"deb", "rpm", "apk", "tar.gz"}
)
