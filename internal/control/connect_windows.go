package control

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"slices"

	"github.com/Microsoft/go-winio"

	"github.com/printscout/printscout/internal/identity"
)

// AsAdministrator is the hint for what only an administrator may do.
const AsAdministrator = "run it again in a window that was opened by: Run as administrator"

// The accounts that may serve the pipe, beside the person.
const (
	systemSID         = "S-1-5-18"
	administratorsSID = "S-1-5-32-544"
	// serviceAccount is the one an installed agent runs as.
	serviceAccount = `NT SERVICE\PrintScout`
)

// connect connects to the agent's pipe, and waits while all its instances are
// taken. The server can identify the person, but not act as that person.
func connect(ctx context.Context, path string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	var missing error
	for _, name := range namesOf(path) {
		c, err := winio.DialPipeAccessImpLevel(ctx, name, clientAccess, winio.PipeImpLevelIdentification)
		if !errors.Is(err, fs.ErrNotExist) {
			return c, err
		}
		missing = err
	}
	return nil, missing
}

func trusted(sid string) bool {
	return sid != "" && (slices.Contains([]string{systemSID, administratorsSID, identity.OwnSID()}, sid) || sid == identity.SIDOf(serviceAccount))
}
