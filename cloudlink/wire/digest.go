package wire

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"slices"
)

// Digest returns what both ends compare to see whether the server's index of a
// scout's jobs is right: SHA-256 over the job frames in the order of their
// ids, each followed by a line feed; the first 16 bytes in base64url. A job
// that Encode refuses counts at neither end.
func Digest(jobs []Job) string {
	sorted := slices.SortedFunc(slices.Values(jobs), func(a, b Job) int { return cmp.Compare(a.ID, b.ID) })
	h := sha256.New()
	for _, job := range sorted {
		if data, err := Encode(job); err == nil {
			h.Write(append(data, '\n'))
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}
