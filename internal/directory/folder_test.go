package directory

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

var errDisk = errors.New("disk failed")

// failAt fails the nth step that is tried, counted from 0.
func failAt(n int) func(string) error {
	return func(string) error {
		n--
		if n == -1 {
			return errDisk
		}
		return nil
	}
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestDiskFailsWhileASiteIsMade(t *testing.T) {
	for n := 0; ; n++ {
		dir := filepath.Join(t.TempDir(), "site")
		_, _, err := createSite(folder{path: dir, fault: failAt(n)}, "Example", testTime, fastSecrets())
		if err == nil {
			if n != 13 {
				t.Errorf("%d steps, and not 1 and 4 for each of 3 files", n)
			}
			return
		}
		if !errors.Is(err, errDisk) {
			t.Fatalf("step %d: %v", n, err)
		}
		if left := slices.DeleteFunc(namesIn(t, dir), func(s string) bool { return s == lockName }); len(left) > 0 {
			t.Errorf("step %d left %q", n, left)
		}
		if _, _, err := createSite(folder{path: dir}, "Example", testTime, fastSecrets()); err != nil {
			t.Errorf("step %d: not to be made again: %v", n, err)
		}
	}
}

func TestDiskFailsWhileADirectoryChanges(t *testing.T) {
	const syncFolderStep = 3 // the new file is in place by then
	for n := range 4 {
		s := newTestSite(t)
		s.folder.fault = failAt(n)
		if err := s.AddPrinter(deskPrinter(), testTime); !errors.Is(err, errDisk) {
			t.Fatalf("step %d: %v", n, err)
		}
		d, _, err := LoadDirectory(s.folder.path)
		if err != nil {
			t.Fatalf("step %d: %v", n, err)
		}
		if written := n == syncFolderStep; (d.Revision == 2) != written {
			t.Errorf("step %d: revision %d on disk", n, d.Revision)
		}
		if names := namesIn(t, s.folder.path); len(names) != 4 {
			t.Errorf("step %d: files %q", n, names)
		}
		if err := s.AddPrinter(NewPrinter("Lab", []string{"ipps://lab"}, "", ""), testTime); err != nil {
			t.Errorf("step %d: no change afterwards: %v", n, err)
		}
	}
}

func TestRemainsOfACrash(t *testing.T) {
	s := newTestSite(t)
	writeFile(t, []byte("half"), s.folder.path, directoryName+".tmp")
	mustAdd(t, s, deskPrinter())
	if names := namesIn(t, s.folder.path); len(names) != 4 {
		t.Errorf("files %q", names)
	}
}

func TestSecondProcessWaitsNotForEver(t *testing.T) {
	s := newTestSite(t)
	unlock, err := s.folder.lockSite()
	if err != nil {
		t.Fatal(err)
	}
	other := folder{path: s.folder.path}
	file, err := os.OpenFile(other.filePath(lockName), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := awaitLock(file, 2*lockRetry); !errors.Is(err, ErrBusy) {
		t.Errorf("locked twice: %v", err)
	}
	got := make(chan error)
	go func() {
		unlock, err := other.lockSite()
		if err == nil {
			unlock()
		}
		got <- err
	}()
	unlock()
	if err := <-got; err != nil {
		t.Errorf("not locked once free: %v", err)
	}
}

func TestTwoAdministratorsLoseNothing(t *testing.T) {
	const each = 8
	first := newTestSiteOf(t, goldenSecrets())
	second, err := OpenSite(first.folder.path, goldenPassword)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for who, s := range []*Site{first, second} {
		wg.Go(func() {
			for i := range each {
				p := NewPrinter(fmt.Sprintf("P %d %d", who, i), []string{"ipps://a"}, "", "")
				if err := s.AddPrinter(p, testTime); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	d, _, err := LoadDirectory(first.folder.path)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Printers) != 2*each || d.Revision != 1+2*each {
		t.Errorf("%d printers at revision %d", len(d.Printers), d.Revision)
	}
}

func TestOneOfTwoMakersWins(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, _, errs[i] = createSite(folder{path: dir}, "Example", testTime, fastSecrets())
		})
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		switch {
		case err == nil:
			made++
		case !errors.Is(err, ErrExists):
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("made %d times", made)
	}
	if _, _, err := LoadDirectory(dir); err != nil {
		t.Error(err)
	}
}

func TestErrorsNameTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nowhere")
	_, err := LoadPublic(dir)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("%v", err)
	}
}
