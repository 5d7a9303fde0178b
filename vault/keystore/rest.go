package keystore

// How is a word for how secrets are stored.
type How string

// The ways of storing secrets.
const (
	File       How = "file"        // not sealed
	SealedFile How = "sealed-file" // sealed under a credential of systemd
	DPAPI      How = "dpapi"       // sealed under a key of Windows' data protection
	Keychain   How = "keychain"    // sealed under a key of macOS' System keychain
	Keyring    How = "keyring"     // sealed under a key of the person's keyring
)

var sentences = map[How]string{
	File:       "in files that only the agent's account and an administrator may read; they are not encrypted",
	SealedFile: "in files sealed under a credential that systemd gives the agent",
	DPAPI:      "in files sealed under a key that Windows keeps for the agent's account",
	Keychain:   "in files sealed under a key in the System keychain",
	Keyring:    "in files sealed under a key in the person's keyring",
}

// Sentence returns the end of a sentence that begins with "secrets rest"; "" for
// an unknown word.
func (h How) Sentence() string { return sentences[h] }

// Rest describes how the secrets of a store are stored.
type Rest struct {
	How How
	// Warning is a sentence if the system offers better protection, else "".
	Warning string
	// Moved has the names of secrets that Open found in plain files, or under a
	// former key, and sealed.
	Moved []string
}
