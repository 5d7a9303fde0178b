package wire

// Edition says which directory of the site is meant. The zero value is none.
// Revisions of different epochs say nothing about each other: who had the
// keys of an earlier epoch may have signed any.
type Edition struct {
	Epoch    uint32 `json:"ep,omitempty"` // of the keys that signed it
	Revision uint64 `json:"r,omitempty"`
}
