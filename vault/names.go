package vault

import (
	"strings"

	"github.com/google/uuid"
)

const (
	jobSuffix     = ".job"
	noteSuffix    = ".note"
	tmpSuffix     = ".tmp"
	damagedSuffix = ".damaged"
)

func jobName(id uuid.UUID) string     { return id.String() + jobSuffix }
func noteName(id uuid.UUID) string    { return id.String() + noteSuffix }
func tmpName(id uuid.UUID) string     { return id.String() + tmpSuffix }
func damagedName(id uuid.UUID) string { return id.String() + damagedSuffix }

// parseName returns the job that a file belongs to. Only the names above are a
// vault's; a file with another spelling of an id is foreign.
func parseName(name string) (id uuid.UUID, suffix string, ok bool) {
	stem, suffix, found := strings.Cut(name, ".")
	if !found {
		return uuid.Nil, "", false
	}
	id, err := uuid.Parse(stem)
	return id, "." + suffix, err == nil && id.String() == stem
}
