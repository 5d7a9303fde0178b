package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// crashEnv tells the process that is to be killed its case, the folder, and before
// which step it ends.
const crashEnv = "KEYSTORE_TEST_CRASH"

const crashStatus = 77

var (
	oldSecret, newSecret = []byte("the old secret"), []byte("the new secret")
	crashKey, nextKey    = keyOf(3), keyOf(4)
)

// crashCases has the operations during which a process is killed.
var crashCases = map[string]struct {
	before Holder // under which the folder was made
	under  Holder // while it is killed
	do     func(*Store) error
}{
	"saves plain":  {nil, nil, func(s *Store) error { return s.Save("wrap", newSecret) }},
	"saves sealed": {&testHolder{keys: []Key{crashKey}}, &testHolder{keys: []Key{crashKey}}, func(s *Store) error { return s.Save("wrap", newSecret) }},
	"seals":        {nil, &testHolder{keys: []Key{crashKey}}, func(*Store) error { return nil }},
	"changes key":  {&testHolder{keys: []Key{crashKey}}, &testHolder{keys: []Key{nextKey, crashKey}}, func(*Store) error { return nil }},
}

// runCrashCase runs in the process that is killed.
func runCrashCase() int {
	part := strings.SplitN(os.Getenv(crashEnv), "|", 3)
	dies, err := strconv.Atoi(part[1])
	if err != nil {
		return 1
	}
	steps := 0
	d := crashCases[part[0]]
	s, err := openStore(&Store{dir: part[2], step: func(string) {
		if steps++; steps == dies {
			os.Exit(crashStatus)
		}
	}}, d.under)
	if err == nil {
		err = d.do(s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// TestCrash ends a process before each of its steps: each secret is there, old or
// new, and the next process continues.
func TestCrash(t *testing.T) {
	for name, d := range crashCases {
		t.Run(name, func(t *testing.T) {
			for dies := 1; ; dies++ {
				dir := newDir(t)
				s := openUnder(t, dir, d.before)
				must(t, s.Save("wrap", oldSecret))
				must(t, s.Save("sign", oldSecret))
				killed := killedAt(t, name, dies, dir)
				s = openUnder(t, dir, d.under)
				got, err := s.Load("wrap")
				if err != nil || !bytes.Equal(got, oldSecret) && !bytes.Equal(got, newSecret) {
					t.Fatalf("killed at step %d: %q, %v", dies, got, err)
				}
				wantSecret(t, s, "sign", oldSecret)
				if !killed {
					if dies < 5 {
						t.Fatalf("it took %d steps", dies-1)
					}
					return
				}
			}
		})
	}
}

func killedAt(t *testing.T, deed string, dies int, dir string) bool {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%d|%s", crashEnv, deed, dies, dir))
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == crashStatus {
		return true
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return false
}

// TestStepsAreInOrder: a file is whole on the medium before it has its name,
// and has its name for good before Save returns.
func TestStepsAreInOrder(t *testing.T) {
	var steps []string
	s, err := openStore(&Store{dir: newDir(t)}, nil)
	must(t, err)
	s.step = func(step string) { steps = append(steps, step) }
	must(t, s.Save("wrap", newSecret))
	must(t, s.Remove("wrap"))
	want := []string{"make a file", "write", "flush the file", "rename", "flush the folder", "remove", "flush the folder"}
	if !slices.Equal(steps, want) {
		t.Fatalf("steps are %q", steps)
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, unfinished+"*")); len(left) > 0 {
		t.Fatal(left)
	}
}
