package vault

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/google/uuid"
)

// ErrNoSite means that a job is not sealed to its site, so that no copy of it
// could be opened anywhere else.
var ErrNoSite = errors.New("job is not sealed to a site")

// PaddedSize rounds a size up so that it reveals little of what was printed: by
// Padmé (Nikitin et al., PETS 2019), at most an eighth more.
func PaddedSize(n int64) int64 {
	if n < 2 {
		return n
	}
	e := bits.Len64(uint64(n)) - 1
	s := bits.Len64(uint64(e))
	mask := int64(1)<<(e-s) - 1
	return (n + mask) &^ mask
}

// Copy writes the copy of a job for the cloud: the sealed file with its
// recipients in the clear, padded with zeros. It writes the same bytes each
// time. It returns ErrNoSite if the site is not a recipient. While it writes,
// the job cannot be destroyed.
func (v *Vault) Copy(id uuid.UUID, w io.Writer) (PublicPart, error) {
	e, err := v.addReader(id)
	if err != nil {
		return PublicPart{}, err
	}
	defer v.dropReader(id, nil)
	e.change.Lock()
	f, header, err := v.openForCopy(id)
	e.change.Unlock()
	if err != nil {
		return PublicPart{}, fmt.Errorf("copying job %s: %w", id, err)
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return PublicPart{}, fmt.Errorf("copying job %s: %w", id, err)
	}
	sum := sha256.New()
	padding := PaddedSize(size) - size
	parts := io.MultiReader(bytes.NewReader(header), io.NewSectionReader(f, headerSize, size-headerSize), io.LimitReader(zeros{}, padding))
	if n, err := io.Copy(io.MultiWriter(w, sum), parts); err != nil || n != size+padding {
		return PublicPart{}, fmt.Errorf("copying job %s: %d of %d bytes: %w", id, n, size+padding, errors.Join(err, errShort(n, size+padding)))
	}
	return PublicPart{ID: id, Size: size + padding, Sum: [sha256.Size]byte(sum.Sum(nil))}, nil
}

func errShort(got, want int64) error {
	if got < want {
		return ErrTruncated
	}
	return nil
}

// openForCopy returns a job's file and the header that its copy has.
func (v *Vault) openForCopy(id uuid.UUID) (file, []byte, error) {
	f, err := v.disk.openFile(jobName(id))
	if err != nil {
		return nil, nil, err
	}
	header, err := v.copyHeader(f)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, header, nil
}

func (v *Vault) copyHeader(f file) ([]byte, error) {
	b := make([]byte, headerSize)
	if err := readFull(f, b, 0); err != nil {
		return nil, err
	}
	_, slots, err := splitHeader(b)
	if err != nil {
		return nil, err
	}
	var first error
	for _, s := range slots {
		area, err := s.openArea(v.shreds, [headSize]byte(b))
		if err != nil {
			first = errors.Join(first, err)
			continue
		}
		return clearHeader(b, area)
	}
	return nil, first
}

// clearHeader returns a header block with the recipients area in the clear.
func clearHeader(b, area []byte) ([]byte, error) {
	entries, _, err := splitArea(area)
	if err != nil {
		return nil, err
	}
	if !hasKind(entries, RecipientSite) {
		return nil, ErrNoSite
	}
	raw, err := sealSlot(shredKey{}, [headSize]byte(b), 1, area)
	if err != nil {
		return nil, err
	}
	header := append(make([]byte, 0, headerSize), b[:headSize]...)
	return append(header[:pageSize], raw...)[:headerSize], nil
}

func hasKind(area []byte, kind RecipientKind) bool {
	for entries := area[1:]; len(entries) > 0; entries = entries[entrySize:] {
		if RecipientKind(entries[0]) == kind {
			return true
		}
	}
	return false
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
