package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// try returns a value, or ends the test with an error.
func try[T any](value T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return value
	}
}

func wantError(tb testing.TB, err, want error) {
	tb.Helper()
	if !errors.Is(err, want) {
		tb.Fatalf("error is %v, want %v", err, want)
	}
}

func testKey(tb testing.TB) *PrivateKey { return try(GenerateKey())(tb) }

func openFolderVault(tb testing.TB, dir string, key *PrivateKey) *Vault {
	tb.Helper()
	v := try(Open(dir, Options{Key: key}))(tb)
	tb.Cleanup(func() { v.Close() })
	return v
}

// smallSegments make files with many segments and few bytes.
const smallSegments = minSegmentLog

func openMemory(tb testing.TB, d *memDisk, key *PrivateKey) *Vault {
	tb.Helper()
	v := try(openDisk(d, Options{Key: key}, smallSegments))(tb)
	tb.Cleanup(func() { v.Close() })
	return v
}

// sealJob seals a job in one go.
func sealJob(tb testing.TB, v *Vault, metadata, document, summary []byte) Job {
	tb.Helper()
	w := try(v.Create(metadata))(tb)
	if n := try(w.Write(document))(tb); n != len(document) {
		tb.Fatalf("took %d of %d bytes", n, len(document))
	}
	return try(w.Commit(summary))(tb)
}

func readDocument(v *Vault, id uuid.UUID) ([]byte, error) {
	d, err := v.Document(id, 0)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(d)
	return b, errors.Join(err, d.Close())
}

// readFile opens the bytes of a job's file as a vault does that finds them in its
// folder. It returns what it read of the document, also with an error.
func readFile(tb testing.TB, file []byte, id uuid.UUID, key *PrivateKey) (Job, []byte, error) {
	tb.Helper()
	d := newMemDisk()
	d.putFile(jobName(id), file)
	v := openMemory(tb, d, key)
	defer v.Close()
	if damaged := v.Damaged(); len(damaged) > 0 {
		_, err := v.Job(id)
		wantError(tb, err, ErrNotFound)
		return Job{}, nil, damaged[0].Err
	}
	job, err := v.Job(id)
	if err != nil {
		return Job{}, nil, err
	}
	document, err := readDocument(v, id)
	return job, document, err
}

// wantRefused checks that a file fails in one of the ways the format allows,
// and that nothing but true bytes of the document came out.
func wantRefused(tb testing.TB, what string, got, document []byte, err error) {
	tb.Helper()
	if !errors.Is(err, ErrNotAuthentic) && !errors.Is(err, ErrVersion) && !errors.Is(err, ErrNotRecipient) && !errors.Is(err, ErrShredKey) {
		tb.Fatalf("%s: error is %v", what, err)
	}
	if !bytes.HasPrefix(document, got) || len(got) == len(document) && len(got) > 0 {
		tb.Fatalf("%s: %d bytes came out that should not", what, len(got))
	}
}

func jobFiles(tb testing.TB, dir string, id uuid.UUID) []string {
	tb.Helper()
	return try(filepath.Glob(filepath.Join(dir, id.String()+"*")))(tb)
}

func writeFile(tb testing.TB, dir, name string, b []byte) {
	tb.Helper()
	must(tb, os.WriteFile(filepath.Join(dir, name), b, fileMode))
}

func randomBytes(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// pageText looks like an uncompressed page description.
func pageText(n int) []byte {
	r := rand.New(rand.NewPCG(7, 7))
	b := make([]byte, 0, n+64)
	for len(b) < n {
		b = fmt.Appendf(b, "%d %d moveto (%x) show\n", r.IntN(612), r.IntN(792), r.Uint32())
	}
	return b[:n]
}

// mixed alternates segments that compress with segments that do not.
func mixed(n int) []byte {
	var b []byte
	for i := byte(0); len(b) < n; i++ {
		b = append(b, randomBytes(i, 1<<smallSegments)...)
		b = append(b, bytes.Repeat([]byte{i}, 1<<smallSegments)...)
	}
	return b[:n]
}
