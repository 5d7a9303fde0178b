package keystore

import "errors"

var (
	// ErrNotFound says that there is no secret of that name.
	ErrNotFound = errors.New("no such secret")
	// ErrName says that a name is not 1 to 64 of a–z, 0–9, dot, dash and
	// underscore, beginning with a letter or digit.
	ErrName = errors.New("not a name for a secret")
	// ErrTooLarge says that a secret exceeds MaxSecret.
	ErrTooLarge = errors.New("secret is too large")
	// ErrLooksSealed says that a secret that would rest as it is begins as a
	// sealed file does.
	ErrLooksSealed = errors.New("secret begins as a sealed file does")
	// ErrBusy says that another process works on the folder for too long.
	ErrBusy = errors.New("another process is at work on the folder of secrets: end it, then try again")
	// ErrUnusable says that a part of the system that could keep a key does not.
	ErrUnusable = errors.New("it cannot be used")
	// ErrNoKey says that a Holder has no key yet.
	ErrNoKey = errors.New("no key is kept there")
)

// What a SealedError is about.
var (
	// ErrKeyMissing says that secrets are sealed and nobody has the key.
	ErrKeyMissing = errors.New("is sealed, and the key is missing")
	// ErrOtherKey says that it is sealed under a key that is not the one given.
	ErrOtherKey = errors.New("is sealed under another key")
	// ErrUnmarked says that secrets are sealed in a folder without its mark.
	ErrUnmarked = errors.New("has sealed secrets, and the file .sealed is missing")
	// ErrPlain says that a file is not sealed in a folder where all are.
	ErrPlain = errors.New("is not sealed, and all secrets here are")
	// ErrDamaged says that a sealed file is not as it was written, or is
	// another secret's.
	ErrDamaged = errors.New("is damaged, or is another secret's file")
	// ErrVersion says that a sealed file is of a version not known here.
	ErrVersion = errors.New("is sealed in a way that this version does not know")
)

// InsecureError says that others may have read or replaced a secret. Load
// refuses it; a person decides.
type InsecureError struct {
	Path   string
	Reason string // what is wrong, such as "is a symbolic link"
	Hint   string // a sentence: what to do
}

func (e *InsecureError) Error() string { return e.Path + " " + e.Reason + ": " + e.Hint }

// SealedError says that a sealed secret cannot be opened, or that one is not
// sealed that should be. No new secret takes its place by itself.
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
	ErrUnmarked:   "somebody has removed it; bring it back from a backup, or remove the folder and enroll this computer again",
	ErrPlain:      "somebody has put it there; remove it, or bring back the sealed one from a backup",
	ErrDamaged:    "bring it back from a backup, or remove it and enroll this computer again",
	ErrVersion:    "run the version that made it, or a newer one",
}

func sealedError(path string, err error) error { return &SealedError{path, err, hints[err]} }
