package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestNoPlaintextOnDisk(t *testing.T) {
	marker := []byte("0123456789 marks")
	document := slices.Concat(bytes.Repeat(marker, 30_000), randomBytes(1, 400_000), marker, pageText(9999), marker)
	dir := t.TempDir()
	v := openFolderVault(t, dir, testKey(t))
	w := try(v.Create(marker))(t)
	try(w.Write(document))(t)
	wantNoMarker(t, dir, marker)
	job := try(w.Commit(marker))(t)
	must(t, v.SetNote(job.ID, marker))
	wantNoMarker(t, dir, marker)
	must(t, v.Destroy(job.ID))
	wantNoMarker(t, dir, marker)
}

func wantNoMarker(t *testing.T, dir string, marker []byte) {
	t.Helper()
	files := try(filepath.Glob(filepath.Join(dir, "*")))(t)
	for _, name := range files {
		if bytes.Contains(try(os.ReadFile(name))(t), marker) {
			t.Fatalf("%s holds plaintext", name)
		}
	}
}

func TestForeignNames(t *testing.T) {
	dir, key := t.TempDir(), testKey(t)
	v := openFolderVault(t, dir, key)
	job := sealJob(t, v, nil, []byte("document"), nil)
	must(t, v.Close())
	foreign := []string{
		"readme.txt", ".job", "x.job", "x.tmp", "." + tmpName(job.ID), job.ID.String(),
		"{" + job.ID.String() + "}.job", job.ID.URN() + ".job", "01890A5D-AC96-774B-BCCE-B302099A8057.job",
		job.ID.String() + ".job.tmp", "01890a5dac96774bbcceb302099a8057.tmp",
	}
	for _, name := range foreign {
		writeFile(t, dir, name, []byte("foreign"))
	}
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	must(t, os.WriteFile(elsewhere, []byte("elsewhere"), fileMode))
	must(t, os.Symlink(elsewhere, filepath.Join(dir, "01890a5d-ac96-774b-bcce-b302099a8057.job")))
	must(t, os.Symlink(elsewhere, filepath.Join(dir, "01890a5d-ac96-774b-bcce-b302099a8058.tmp")))
	must(t, os.Mkdir(filepath.Join(dir, "01890a5d-ac96-774b-bcce-b302099a8059.job"), folderMode))
	before := len(try(os.ReadDir(dir))(t))
	v = openFolderVault(t, dir, key)
	if len(v.Jobs()) != 1 || len(v.Damaged()) != 0 {
		t.Fatalf("%v %v", v.Jobs(), v.Damaged())
	}
	if after := len(try(os.ReadDir(dir))(t)); after != before {
		t.Fatalf("%d files, were %d", after, before)
	}
	must(t, os.Remove(filepath.Join(dir, jobName(job.ID))))
	must(t, os.Symlink(elsewhere, filepath.Join(dir, jobName(job.ID))))
	if _, err := v.Document(job.ID, 0); err == nil {
		t.Fatal("followed a symbolic link")
	}
}

func TestLeftovers(t *testing.T) {
	dir, key := t.TempDir(), testKey(t)
	v := openFolderVault(t, dir, key)
	job := sealJob(t, v, nil, []byte("document"), nil)
	gone := sealJob(t, v, nil, []byte("document"), nil)
	must(t, v.SetNote(gone.ID, []byte("note")))
	must(t, v.Close())
	must(t, os.Remove(filepath.Join(dir, jobName(gone.ID))))
	writeFile(t, dir, tmpName(job.ID), []byte("half a note"))
	writeFile(t, dir, tmpName(gone.ID), []byte("half a job"))
	v = openFolderVault(t, dir, key)
	if len(v.Jobs()) != 1 || len(jobFiles(t, dir, job.ID)) != 1 || len(jobFiles(t, dir, gone.ID)) != 0 {
		t.Fatalf("%v %v %v", v.Jobs(), jobFiles(t, dir, job.ID), jobFiles(t, dir, gone.ID))
	}
	try(readDocument(v, job.ID))(t)
}
