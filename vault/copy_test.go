package vault

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestPadded(t *testing.T) {
	for n := int64(0); n < 1<<40; n = n*3/2 + 1 {
		if p := PaddedSize(n); p < n || float64(p) > 1.13*float64(n)+1 {
			t.Errorf("Padded(%d) = %d", n, p)
		}
	}
}

// TestCopyIsTheSameEachTime copies a job before and after its recipients were
// put under another shred key, and opens the copy with the site's key alone.
func TestCopyIsTheSameEachTime(t *testing.T) {
	d, key, site := newMemDisk(), testKey(t), testKey(t)
	o := Options{Key: key, Recipients: func() []Recipient { return []Recipient{{RecipientSite, site.Public()}} }}
	v := try(openDisk(d, o, smallSegments))(t)
	document := mixed(2<<smallSegments + 5)
	job := sealJob(t, v, []byte("metadata"), document, []byte("summary"))
	var first, second bytes.Buffer
	said := try(v.Copy(job.ID, &first))(t)
	must(t, v.Destroy(sealJob(t, v, nil, nil, nil).ID))
	must(t, v.RotateShredKey(t.Context()))
	try(v.Copy(job.ID, &second))(t)
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two copies differ")
	}
	if said.ID != job.ID || said.Size != int64(first.Len()) || said.Size != PaddedSize(job.Sealed) || said.Sum != sha256.Sum256(first.Bytes()) {
		t.Errorf("%+v of a copy of %d bytes", said, first.Len())
	}
	whole := bytes.TrimRight(first.Bytes(), "\x00")
	if !bytes.Equal(whole[headerSize:], d.fileContents(jobName(job.ID))[headerSize:]) {
		t.Error("the copy is not the file")
	}
	for name, k := range map[string]*PrivateKey{"the site": site, "the scout": key} {
		got, plain, err := readFile(t, whole, job.ID, k)
		if err != nil || !bytes.Equal(plain, document) || string(got.Metadata) != "metadata" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err := readFile(t, whole, job.ID, testKey(t))
	wantError(t, err, ErrNotRecipient)
}

func TestCopyIsRefused(t *testing.T) {
	s := newSample(t, []byte("document"))
	var b bytes.Buffer
	_, err := s.vault.Copy(s.job.ID, &b)
	wantError(t, err, ErrNoSite)
	_, err = s.vault.Copy(uuid.New(), &b)
	wantError(t, err, ErrNotFound)
	must(t, s.vault.Destroy(s.job.ID))
	_, err = s.vault.Copy(s.job.ID, &b)
	wantError(t, err, ErrNotFound)
	if b.Len() != 0 {
		t.Errorf("%d bytes came out", b.Len())
	}
}

// destroyer tries to destroy a job while it is copied.
type destroyer struct {
	v   *Vault
	id  uuid.UUID
	err error
}

func (d *destroyer) Write(b []byte) (int, error) {
	d.err = d.v.Destroy(d.id)
	return 0, errors.New("enough")
}

func TestCopyKeepsItsJob(t *testing.T) {
	key := testKey(t)
	v := try(openDisk(newMemDisk(), Options{Key: key, Recipients: func() []Recipient { return []Recipient{{RecipientSite, testKey(t).Public()}} }}, smallSegments))(t)
	job := sealJob(t, v, nil, []byte("document"), nil)
	d := &destroyer{v: v, id: job.ID}
	if _, err := v.Copy(job.ID, d); err == nil {
		t.Error("no error")
	}
	wantError(t, d.err, ErrInUse)
	must(t, v.Destroy(job.ID))
}

func publicSample() (ed25519.PrivateKey, PublicPart) {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)), PublicPart{
		ID: uuid.UUID(bytes.Repeat([]byte{5}, 16)), Size: 1 << 20, Expires: time.Unix(1_800_000_000, 0).UTC(),
		Sum: [sha256.Size]byte(bytes.Repeat([]byte{6}, sha256.Size)), Owner: "3q2-7wQxGm0o6r1X",
	}
}

func TestPublicPart(t *testing.T) {
	key, p := publicSample()
	b := try(p.Sign(key))(t)
	scout := key.Public().(ed25519.PublicKey)
	if got := try(OpenPublicPart(b, scout))(t); got != p {
		t.Errorf("%+v, want %+v", got, p)
	}
	for i := range b {
		changed := slices.Clone(b)
		changed[i] ^= 1
		if _, err := OpenPublicPart(changed, scout); !errors.Is(err, ErrPublicPart) && !errors.Is(err, ErrVersion) {
			t.Fatalf("byte %d flipped: %v", i, err)
		}
		if _, err := OpenPublicPart(b[:i], scout); !errors.Is(err, ErrPublicPart) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
	_, err := OpenPublicPart(append(b, 0), scout)
	wantError(t, err, ErrPublicPart)
	p.Owner = string(make([]byte, maxOwner+1))
	_, err = p.Sign(key)
	wantError(t, err, ErrTooLarge)
}

func FuzzPublicPart(f *testing.F) {
	key, p := publicSample()
	good, err := p.Sign(key)
	must(f, err)
	f.Add(good)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := OpenPublicPart(b, key.Public().(ed25519.PublicKey)); err == nil && !bytes.Equal(b, good) {
			t.Fatal("took what nobody signed")
		}
	})
}
