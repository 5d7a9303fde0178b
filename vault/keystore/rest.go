package keystore

// How says in a word how secrets rest.
type How string

// The ways in which secrets rest.
const (
	File       How = "file"        // as they are
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

// Sentence says it in words that follow "secrets rest"; "" for a word that is
// not known.
func (h How) Sentence() string { return sentences[h] }

// Rest is how the secrets of a store rest.
type Rest struct {
	How How
	// Warning is a sentence, where the system offers better; else "".
	Warning string
	// Moved are the names of secrets that Open found in plain files, or under
	// a former key, and sealed.
	Moved []string
}
