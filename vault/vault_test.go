package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestRoundTrip(t *testing.T) {
	segment := 1 << defaultSegmentLog
	sizes := []int{0, 1, segment - 1, segment, segment + 1, 2 * segment, 5<<20 + 12345}
	kinds := map[string]func(int) []byte{
		"random": func(n int) []byte { return randomBytes(9, n) },
		"text":   pageText,
		"zeros":  func(n int) []byte { return make([]byte, n) },
	}
	dir, key := t.TempDir(), testKey(t)
	v := openFolderVault(t, dir, key)
	documents := make(map[uuid.UUID][]byte)
	for _, size := range sizes {
		for kind, document := range kinds {
			job := sealJob(t, v, []byte("metadata of "+kind), document(size), []byte("summary of "+kind))
			if job.Size != int64(size) || string(job.Metadata) != "metadata of "+kind {
				t.Fatalf("job is %+v", job)
			}
			documents[job.ID] = document(size)
		}
	}
	before := v.Jobs()
	must(t, v.Close())
	v = openFolderVault(t, dir, key)
	after := v.Jobs()
	if fmt.Sprint(before) != fmt.Sprint(after) || len(after) != len(documents) {
		t.Fatalf("jobs are\n%v\nand were\n%v", after, before)
	}
	for _, job := range after {
		got := try(readDocument(v, job.ID))(t)
		if !bytes.Equal(got, documents[job.ID]) {
			t.Fatalf("document of %d bytes came back as %d others", job.Size, len(got))
		}
		info := try(os.Stat(filepath.Join(dir, jobName(job.ID))))(t)
		if info.Size() != job.Sealed || info.Mode().Perm() != fileMode && runtime.GOOS != "windows" {
			t.Fatalf("file is %v, %d bytes; job says %d", info.Mode(), info.Size(), job.Sealed)
		}
	}
}

func TestCompressionShortens(t *testing.T) {
	v := openFolderVault(t, t.TempDir(), testKey(t))
	job := sealJob(t, v, nil, make([]byte, 1<<defaultSegmentLog), nil)
	if job.Sealed > headerSize+500 {
		t.Fatalf("a segment of zeros takes %d bytes", job.Sealed)
	}
}

// The receiver does not wait for slow compression of every segment.
func TestStoresWhileAwaited(t *testing.T) {
	v := openMemory(t, newMemDisk(), testKey(t))
	w := try(v.buffers.acquireWorkspace())(t)
	defer v.buffers.releaseWorkspace(w)
	s := &sealer{vault: v, skip: maxSkip}
	zeros := make([]byte, 1<<smallSegments)
	s.awaited.Store(true)
	for range maxSkip {
		if kind, _ := s.compressSegment(w, zeros); kind != kindStored {
			t.Fatal("compressed although the receiver waits")
		}
	}
	if kind, _ := s.compressSegment(w, zeros); kind != kindZstd {
		t.Fatal("does not try again")
	}
	s.skip = maxSkip
	s.awaited.Store(false)
	if kind, _ := s.compressSegment(w, zeros); kind != kindZstd {
		t.Fatal("stored although nobody waits")
	}
}

func TestReadInPieces(t *testing.T) {
	v := openMemory(t, newMemDisk(), testKey(t))
	document := mixed(50_000)
	job := sealJob(t, v, nil, document, nil)
	d := try(v.Document(job.ID, 0))(t)
	defer d.Close()
	if d.Size() != int64(len(document)) {
		t.Fatal(d.Size())
	}
	var got bytes.Buffer
	try(io.CopyN(&got, struct{ io.Reader }{d}, 5001))(t)
	try(d.WriteTo(&got))(t)
	if !bytes.Equal(got.Bytes(), document) {
		t.Fatal("document differs")
	}
	must(t, d.Close())
	_, err := d.Read(make([]byte, 1))
	wantError(t, err, os.ErrClosed)
}

func TestJobsOldestFirst(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	v := try(openDisk(newMemDisk(), Options{Key: testKey(t), Now: func() time.Time { return now }}, smallSegments))(t)
	defer v.Close()
	var ids []uuid.UUID
	for range 5 {
		ids = append(ids, sealJob(t, v, nil, nil, nil).ID)
		now = now.Add(-time.Hour)
	}
	slices.Reverse(ids)
	for i, job := range v.Jobs() {
		if job.ID != ids[i] {
			t.Fatalf("job %d is %v", i, job.Created)
		}
	}
}

func TestRecipients(t *testing.T) {
	own, site, person, stranger := testKey(t), testKey(t), testKey(t), testKey(t)
	o := Options{Key: own, Epoch: func() uint32 { return 7 }, Recipients: func() []Recipient {
		return []Recipient{{RecipientSite, site.Public()}, {RecipientPerson, person.Public()}, {RecipientScout, own.Public()}}
	}}
	d := newMemDisk()
	v := try(openDisk(d, o, smallSegments))(t)
	defer v.Close()
	document := mixed(20_000)
	job := sealJob(t, v, nil, document, nil)
	file := d.fileContents(jobName(job.ID))
	for _, key := range []*PrivateKey{own, site, person} {
		if _, got, err := readFile(t, file, job.ID, key); err != nil || !bytes.Equal(got, document) {
			t.Fatalf("a recipient gets %d bytes, %v", len(got), err)
		}
	}
	_, _, err := readFile(t, file, job.ID, stranger)
	wantError(t, err, ErrNotRecipient)
	h, slots, err := splitHeader(file[:headerSize])
	must(t, err)
	area := try(slots[0].openArea(testShreds(), [headSize]byte(file)))(t)
	if h.epoch != 7 || area[0] != 3 {
		t.Fatalf("epoch %d, %d recipients", h.epoch, area[0])
	}
}

func TestRecipientsRefused(t *testing.T) {
	for name, to := range map[string][]Recipient{
		"short key":     {{RecipientSite, []byte("short")}},
		"low order key": {{RecipientSite, make([]byte, 32)}},
	} {
		d := newMemDisk()
		v := try(openDisk(d, Options{Key: testKey(t), Recipients: func() []Recipient { return to }}, smallSegments))(t)
		if _, err := v.Create(nil); err == nil || len(d.fileNamesLeft()) > 0 {
			t.Errorf("%s: %v, %d files", name, err, len(d.fileNamesLeft()))
		}
	}
	many := func() (to []Recipient) {
		for range maxRecipients {
			to = append(to, Recipient{RecipientSite, testKey(t).Public()})
		}
		return to
	}
	v := try(openDisk(newMemDisk(), Options{Key: testKey(t), Recipients: many}, smallSegments))(t)
	_, err := v.Create(nil)
	wantError(t, err, ErrTooLarge)
}

func TestLimits(t *testing.T) {
	d := newMemDisk()
	v := openMemory(t, d, testKey(t))
	_, err := v.Create(make([]byte, maxMetadata+1))
	wantError(t, err, ErrTooLarge)
	w := try(v.Create(make([]byte, maxMetadata)))(t)
	_, err = w.Commit(make([]byte, maxSummary+1))
	wantError(t, err, ErrTooLarge)
	if len(d.fileNamesLeft()) != 0 || len(v.Jobs()) != 0 {
		t.Fatal("something is left of a job that was refused")
	}
	job := sealJob(t, v, make([]byte, maxMetadata), nil, make([]byte, maxSummary))
	wantError(t, v.SetNote(job.ID, make([]byte, maxNote+1)), ErrTooLarge)
	must(t, v.SetNote(job.ID, make([]byte, maxNote)))
	w = try(v.Create(nil))(t)
	defer w.Abort()
	w.sealer.segments = make([]segment, maxSegments)
	_, err = w.Write(make([]byte, 3<<smallSegments))
	if err == nil {
		_, err = w.Commit(nil)
	}
	wantError(t, err, ErrTooLarge)
}

func TestAbort(t *testing.T) {
	d := newMemDisk()
	v := openMemory(t, d, testKey(t))
	w := try(v.Create(nil))(t)
	try(w.Write(mixed(30_000)))(t)
	must(t, w.Abort())
	must(t, w.Abort())
	_, err := w.Write([]byte("more"))
	wantError(t, err, os.ErrClosed)
	_, err = w.Commit(nil)
	wantError(t, err, os.ErrClosed)
	if len(d.fileNamesLeft()) != 0 {
		t.Fatal("something is left")
	}
	w = try(v.Create(nil))(t)
	job := try(w.Commit(nil))(t)
	must(t, w.Abort())
	try(v.Job(job.ID))(t)
	_, err = w.Commit(nil)
	wantError(t, err, os.ErrClosed)
	try(readDocument(v, job.ID))(t)
}

func TestCloseAbortsWriters(t *testing.T) {
	dir, key := t.TempDir(), testKey(t)
	v := openFolderVault(t, dir, key)
	w := try(v.Create(nil))(t)
	try(w.Write(make([]byte, 1<<20)))(t)
	must(t, v.Close())
	must(t, v.Close())
	_, err := w.Commit(nil)
	wantError(t, err, os.ErrClosed)
	_, err = v.Create(nil)
	wantError(t, err, os.ErrClosed)
	_, err = v.Document(w.ID(), 0)
	wantError(t, err, os.ErrClosed)
	if left := jobFiles(t, dir, w.ID()); len(left) > 0 {
		t.Fatal(left)
	}
}

func TestLock(t *testing.T) {
	dir, key := t.TempDir(), testKey(t)
	v := openFolderVault(t, dir, key)
	_, err := Open(dir, Options{Key: key})
	wantError(t, err, ErrLocked)
	must(t, v.Close())
	openFolderVault(t, dir, key)
	if _, err := Open(t.TempDir(), Options{}); err == nil {
		t.Fatal("opened without a key")
	}
}

func TestConcurrent(t *testing.T) {
	v := openFolderVault(t, t.TempDir(), testKey(t))
	var wg sync.WaitGroup
	errs := make(chan error, 100)
	for i := range 12 {
		wg.Go(func() {
			document := randomBytes(byte(i), 300_000+i*77_777)
			w, err := v.Create([]byte{byte(i)})
			if err != nil {
				errs <- err
				return
			}
			for piece := range slices.Chunk(document, 9999) {
				if _, err := w.Write(piece); err != nil {
					errs <- err
				}
			}
			job, err := w.Commit(nil)
			errs <- errors.Join(err, v.SetNote(job.ID, []byte("a note")))
			v.Jobs()
			got, err := readDocument(v, job.ID)
			if errs <- err; !bytes.Equal(got, document) {
				errs <- errors.New("document differs")
			}
			if i%2 == 0 {
				errs <- v.Destroy(job.ID)
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		must(t, err)
	}
	if n := len(v.Jobs()); n != 6 {
		t.Fatalf("%d jobs", n)
	}
}

func TestJobIsACopy(t *testing.T) {
	v := openMemory(t, newMemDisk(), testKey(t))
	job := sealJob(t, v, []byte("metadata"), nil, []byte("summary"))
	job.Metadata[0], job.Summary[0] = 'X', 'X'
	v.Jobs()[0].Metadata[0] = 'X'
	if again := try(v.Job(job.ID))(t); string(again.Metadata) != "metadata" || string(again.Summary) != "summary" {
		t.Fatalf("%+v", again)
	}
	_, err := v.Job(uuid.New())
	wantError(t, err, ErrNotFound)
	_, err = v.Document(uuid.New(), 0)
	wantError(t, err, ErrNotFound)
	wantError(t, v.SetNote(uuid.New(), nil), ErrNotFound)
	wantError(t, v.Destroy(uuid.New()), ErrNotFound)
}

func TestKey(t *testing.T) {
	key := testKey(t)
	again := try(ParsePrivateKey(key.Bytes()))(t)
	if !bytes.Equal(again.Bytes(), key.Bytes()) || !bytes.Equal(again.Public(), key.Public()) {
		t.Fatal("key differs")
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, printed := range []string{fmt.Sprintf(format, key), fmt.Sprintf(format, *key)} {
			if secret := key.Bytes(); bytes.Contains([]byte(printed), fmt.Appendf(nil, "%x", secret)) ||
				bytes.Contains([]byte(printed), fmt.Append(nil, secret)) {
				t.Errorf("%s prints the secret", format)
			}
		}
	}
	if _, err := ParsePrivateKey([]byte("short")); err == nil {
		t.Fatal("took a short key")
	}
}
