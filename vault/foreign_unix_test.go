//go:build unix

package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// foreignKinds returns functions that make each kind of file but a regular one.
func foreignKinds(t *testing.T, other string) map[string]func(path string) error {
	t.Helper()
	return map[string]func(string) error{
		"pipe":              func(p string) error { return unix.Mkfifo(p, 0o600) },
		"directory":         func(p string) error { return os.Mkdir(p, folderMode) },
		"link":              func(p string) error { return os.Symlink(other, p) },
		"link to nothing":   func(p string) error { return os.Symlink("nothing", p) },
		"link to itself":    func(p string) error { return os.Symlink(filepath.Base(p), p) },
		"link to a folder":  func(p string) error { return os.Symlink(".", p) },
		"link to a pipe":    func(p string) error { return os.Symlink("/dev/stdin", p) },
		"device, if we may": func(p string) error { _ = unix.Mknod(p, unix.S_IFCHR|0o600, 0x0103); return nil },
	}
}

// TestForeignKinds fills the folder with links, pipes, devices and directories with
// names of jobs' files. None is opened, followed, waited for or removed, and the
// vault works.
func TestForeignKinds(t *testing.T) {
	dir, key := t.TempDir(), testKey(t)
	v := openFolderVault(t, dir, key)
	kept, gone := sealJob(t, v, nil, []byte("kept"), nil), sealJob(t, v, nil, []byte("gone"), nil)
	must(t, v.Close())
	other := filepath.Join(t.TempDir(), "other")
	must(t, os.WriteFile(other, []byte("other"), fileMode))
	for _, make := range foreignKinds(t, other) {
		for _, name := range []func(uuid.UUID) string{jobName, noteName, tmpName, damagedName} {
			must(t, make(filepath.Join(dir, name(uuid.New()))))
		}
	}
	before := len(try(os.ReadDir(dir))(t))

	v = openFolderVault(t, dir, key)
	if len(v.Jobs()) != 2 || len(v.Damaged()) != 0 {
		t.Fatalf("%d jobs, damaged are %v", len(v.Jobs()), v.Damaged())
	}
	must(t, v.SetNote(kept.ID, []byte("note")))
	must(t, v.Destroy(gone.ID))
	must(t, v.RotateShredKey(t.Context()))
	must(t, v.Close())
	v = openFolderVault(t, dir, key)
	if got, err := readDocument(v, kept.ID); err != nil || string(got) != "kept" {
		t.Errorf("%q, %v", got, err)
	}
	if after := len(try(os.ReadDir(dir))(t)); after != before {
		t.Errorf("%d files, were %d", after, before)
	}
	if b := try(os.ReadFile(other))(t); string(b) != "other" {
		t.Errorf("what a link leads to is %q", b)
	}
}

// TestForeignUnderOwnNames puts them where the vault's own files belong.
func TestForeignUnderOwnNames(t *testing.T) {
	for kind, make := range foreignKinds(t, "/dev/null") {
		if kind == "device, if we may" {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			dir, key := t.TempDir(), testKey(t)
			v := openFolderVault(t, dir, key)
			job := sealJob(t, v, nil, []byte("document"), nil)

			must(t, make(filepath.Join(dir, noteName(job.ID))))
			err := v.SetNote(job.ID, []byte("note"))
			if b, _ := v.Job(job.ID); (err == nil) != (string(b.Note) == "note") {
				t.Errorf("the note is %q after %v", b.Note, err)
			}
			must(t, os.Rename(filepath.Join(dir, jobName(job.ID)), filepath.Join(dir, "aside")))
			must(t, make(filepath.Join(dir, jobName(job.ID))))
			if _, err := v.Document(job.ID, 0); err == nil {
				t.Error("it reads what is no job")
			}
			must(t, v.Close())
			must(t, os.RemoveAll(filepath.Join(dir, jobName(job.ID))))
			must(t, os.Rename(filepath.Join(dir, "aside"), filepath.Join(dir, jobName(job.ID))))

			shreds := try(os.ReadFile(filepath.Join(dir, shredName)))(t)
			must(t, os.Remove(filepath.Join(dir, shredName)))
			must(t, make(filepath.Join(dir, shredName)))
			if v, err := Open(dir, Options{Key: key}); err == nil && kind != "link to nothing" {
				v.Close()
				t.Error("it opens with shred keys that are no file")
			}
			must(t, os.RemoveAll(filepath.Join(dir, shredName)))
			must(t, os.WriteFile(filepath.Join(dir, shredName), shreds, fileMode))
			v = openFolderVault(t, dir, key)
			if got, err := readDocument(v, job.ID); err != nil || string(got) != "document" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestHardLinks gives a job a second name in the folder, and one outside.
func TestHardLinks(t *testing.T) {
	dir, key := t.TempDir(), testKey(t)
	v := openFolderVault(t, dir, key)
	document := mixed(100_000)
	job := sealJob(t, v, nil, document, nil)
	must(t, v.Close())
	second, outside := uuid.New(), filepath.Join(t.TempDir(), "outside")
	must(t, os.Link(filepath.Join(dir, jobName(job.ID)), filepath.Join(dir, jobName(second))))
	must(t, os.Link(filepath.Join(dir, jobName(job.ID)), outside))

	v = openFolderVault(t, dir, key)
	if d := v.Damaged(); len(d) != 1 || d[0].ID != second || len(v.Jobs()) != 1 {
		t.Fatalf("%d jobs, damaged are %v", len(v.Jobs()), d)
	}
	must(t, v.RotateShredKey(t.Context()))
	if got, err := readDocument(v, job.ID); err != nil || !bytes.Equal(got, document) {
		t.Errorf("the job is not whole: %v", err)
	}
	must(t, v.Destroy(job.ID))
	_, _, err := openHeader(try(os.ReadFile(outside))(t), key, v.shreds)
	wantError(t, err, errDestroyed)
}
