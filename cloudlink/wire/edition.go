package wire

// Edition names a directory of the site; the zero value names none. Revisions
// of different epochs are not comparable: whoever had the keys of an earlier
// epoch may have signed any.
type Edition struct {
	Epoch    uint32 `json:"ep,omitempty"` // of the keys that signed it
	Revision uint64 `json:"r,omitempty"`
}
