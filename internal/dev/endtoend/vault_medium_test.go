//go:build linux

package endtoend

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/printscout/printscout/vault"
)

// The layout of docs/sealed-job-format.md, as far as one looks for remnants.
const (
	jobMagic   = "\xd3SCJOB\r\n"
	shredMagic = "\xd3SCSHR\r\n"
	idAt       = 9
	slotAt     = 4096
	slotUsed   = 200 // bytes of a slot that are never the same in two
	shredUsed  = 45  // bytes of a page before its sum
	secretAt   = 13
	pageSize   = 4096
)

func isCut(err error) bool { return errors.Is(err, vault.ErrTruncated) }

// readMedium looks at the image of the unmounted file system.
func (r *rawImage) readMedium() {
	r.t.Helper()
	image := read(r.t, r.disk.image)
	r.wantMarks(image)
	remnants := r.remnants(image)
	shreds := bytesOf(r.keptShreds(image))
	r.wantUseless("as they were while they rested", []map[string][]byte{r.rested}, shreds)
	r.wantUseless("as the medium has them", remnants, shreds)
	found := shredPages(image)
	r.t.Logf("%d files from before their destruction, remnants of %d layers on the medium, %d shred keys on it", len(r.rested), len(remnants), len(found))
	if r.inPlace {
		r.wantOverwritten(image)
		return
	}
	// Here the old shred key may be left too: docs/sealed-job-format.md, "What
	// this protects, and what it does not".
	all := append(slices.Clone(remnants), r.rested)
	opened := 0
	for _, k := range found {
		for _, layer := range all {
			opened += len(r.open(layer, slices.Concat(k, make([]byte, pageSize))))
		}
	}
	r.t.Logf("with the older shred keys that this file system has kept, %d of them open", opened)
}

// wantMarks finds the control in every form, and no other mark in any.
func (r *rawImage) wantMarks(image []byte) {
	r.t.Helper()
	for form, b := range forms(r.marks.control) {
		if !bytes.Contains(image, b) {
			r.t.Errorf("the control is not found %s: this search finds nothing", form)
		}
	}
	for what, mark := range map[string]string{"document": r.marks.document, "title": r.marks.title, "user": r.marks.user, "PIN": r.marks.pin} {
		for form, b := range forms(mark) {
			if at := bytes.Index(image, b); at >= 0 {
				r.t.Errorf("the mark of the %s is on the medium at %d, %s", what, at, form)
			}
		}
	}
}

// remnants are what follows each magic of a job on the medium, in layers in
// which no job occurs twice. The job that stays is left out.
func (r *rawImage) remnants(image []byte) (layers []map[string][]byte) {
	seen := map[string]int{}
	for at := 0; ; at++ {
		next := bytes.Index(image[at:], []byte(jobMagic))
		if next < 0 {
			break
		}
		at += next
		id := uuid.UUID(image[at+idAt:][:16]).String()
		if id == r.kept.ID {
			continue
		}
		size := max(len(r.rested[id]), 1<<20)
		if seen[id]++; seen[id] > len(layers) {
			layers = append(layers, map[string][]byte{})
		}
		layers[seen[id]-1][id] = image[at:min(at+size, len(image))]
	}
	return layers
}

// keptShreds are the pages of vault.shred that the job which stays lies under:
// the newest that is on the medium.
func (r *rawImage) keptShreds(image []byte) [][]byte {
	r.t.Helper()
	var newest []byte
	for _, k := range shredPages(image) {
		if newest == nil || bytes.Compare(k[idAt:secretAt], newest[idAt:secretAt]) > 0 {
			newest = k
		}
	}
	if newest == nil || bytes.Contains(r.shreds, newest[secretAt:shredUsed]) {
		r.t.Fatal("there is no new shred key on the medium")
	}
	return [][]byte{newest, make([]byte, pageSize)}
}

func bytesOf(pages [][]byte) []byte { return slices.Concat(pages...) }

// shredPages are the shred keys on the medium, each once.
func shredPages(image []byte) (pages [][]byte) {
	for at := 0; ; at++ {
		next := bytes.Index(image[at:], []byte(shredMagic))
		if next < 0 || at+next+pageSize > len(image) {
			return pages
		}
		at += next
		page := image[at:][:pageSize]
		sum := sha256.Sum256(page[:shredUsed])
		if bytes.Equal(page[shredUsed:][:sha256.Size], sum[:]) && !slices.ContainsFunc(pages, func(p []byte) bool { return bytes.Equal(p[:shredUsed], page[:shredUsed]) }) {
			pages = append(pages, page)
		}
	}
}

// wantUseless wants none of the files to open with the keys that are left.
func (r *rawImage) wantUseless(what string, layers []map[string][]byte, shreds []byte) {
	r.t.Helper()
	for _, layer := range layers {
		if opened := r.open(layer, shreds); len(opened) > 0 {
			r.t.Errorf("%s, these destroyed jobs open: %v", what, opened)
		}
	}
}

// wantOverwritten wants the old shred key, and the wrapped keys of the jobs
// that were destroyed, to be nowhere on the medium.
func (r *rawImage) wantOverwritten(image []byte) {
	r.t.Helper()
	for page := 0; page < len(r.shreds); page += pageSize {
		if secret := r.shreds[page+secretAt : page+shredUsed]; !isZero(secret) && bytes.Contains(image, secret) {
			r.t.Errorf("the shred key of page %d is still on the medium", page/pageSize)
		}
	}
	for id, b := range r.rested {
		for slot := slotAt; slot <= 2*slotAt; slot += slotAt {
			if used := b[slot+20:][:slotUsed]; !r.coming[id] && !isZero(used) && bytes.Contains(image, used) {
				r.t.Errorf("wrapped keys of job %s are still on the medium", id)
			}
		}
	}
	if n := len(shredPages(image)); n != 1 {
		r.t.Errorf("%d shred keys are on the medium", n)
	}
}

func isZero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }
