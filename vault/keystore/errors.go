package keystore

import "errors"

var (
	// ErrNotFound means that there is no secret of that name.
	ErrNotFound = errors.New("no such secret")
	// ErrName means that a name is not 1 to 64 of a–z, 0–9, dot, dash and
	// underscore, beginning with a letter or digit.
	ErrName = errors.New("not a name for a secret")
	// ErrTooLarge means that a secret exceeds MaxSecret.
	ErrTooLarge = errors.New("secret is too large")
	// ErrLooksSealed means that a secret to be stored in a plain file begins as a
	// sealed file does.
	ErrLooksSealed = errors.New("secret begins as a sealed file does")
	// ErrBusy means that another process used the folder for too long.
	ErrBusy = errors.New("another process is using the folder of secrets: end it, then try again")
	// ErrUnusable means that a part of the system that could keep a key does not.
	ErrUnusable = errors.New("it cannot be used")
	// ErrNoKey means that a Holder has no key yet.
	ErrNoKey = errors.New("no key is kept there")
)

// The errors in a SealedError.
var (
	// ErrKeyMissing means that secrets are sealed and their key was not given.
	ErrKeyMissing = errors.New("is sealed, and the key is missing")
	// ErrOtherKey means that a file is sealed under another key than the one
	// given.
	ErrOtherKey = errors.New("is sealed under another key")
	// ErrUnmarked means that secrets are sealed in a folder without its mark.
	ErrUnmarked = errors.New("has sealed secrets, and the file .sealed is missing")
	// ErrPlain means that a file is not sealed in a folder where all must be.
	ErrPlain = errors.New("is not sealed, and all secrets here are")
	// ErrDamaged means that a sealed file is not as it was written, or is
	// another secret's.
	ErrDamaged = errors.New("is damaged, or is another secret's file")
	// ErrVersion means that a sealed file is of an unknown version.
	ErrVersion = errors.New("is sealed in a way that this version does not know")
)

// InsecureError means that other accounts may have read or replaced a secret.
// Load refuses it; a person decides.
type InsecureError struct {
	Path   string
	Reason string // what is wrong, such as "is a symbolic link"
	Hint   string // what to do
}

func (e *InsecureError) Error() string { return e.Path + " " + e.Reason + ": " + e.Hint }

// SealedError means that a sealed secret cannot be opened, or that a secret that
// should be sealed is not. The store never replaces such a secret by itself.
type SealedError struct {
	Path string
	Err  error // one of those above
	Hint string
}

func (e *SealedError) Error() string { return e.Path + " " + e.Err.Error() + ": " + e.Hint }

func (e *SealedError) Unwrap() error { return e.Err }

var hints = map[error]string{
	ErrKeyMissing: "give the agent its key again (docs/keystore.md); without it the secrets here, and the jobs sealed to them, are lost",
	ErrOtherKey:   "give the agent the key that it had before (docs/keystore.md)",
	ErrUnmarked:   "that file was removed; restore it from a backup, or remove the folder and enroll this computer again",
	ErrPlain:      "the agent did not write it; remove it, or restore the sealed one from a backup",
	ErrDamaged:    "restore it from a backup, or remove it and enroll this computer again",
	ErrVersion:    "run the version that made it, or a newer one",
}

func sealedError(path string, err error) error { return &SealedError{path, err, hints[err]} }
