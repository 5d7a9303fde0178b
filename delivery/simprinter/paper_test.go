package simprinter

import (
	"os"
	"path/filepath"
	"testing"
)

func TestASecondStartOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"0007-letter.pdf", "note.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Start(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if j, _ := p.newJob(Job{Name: "letter", Format: "application/pdf"}); j.fileName() != "0008-letter.pdf" {
		t.Errorf("the next document lands in %s", j.fileName())
	}
}
