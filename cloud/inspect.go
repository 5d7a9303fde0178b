package cloud

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// RegistryReader is the part of a Registry that only reads.
type RegistryReader interface {
	Scouts(ctx context.Context) ([]Scout, error)
	APITokens(ctx context.Context) ([]APIToken, error)
	Bundles(ctx context.Context, now time.Time) ([]Bundle, error)
	Orders(ctx context.Context, limit int) ([]Order, error)
	ServedRevision(ctx context.Context, site string) (uint64, error)
}

// Inspection is a registry that is open to be looked at. It changes nothing in
// it, and brings no schema up to date.
type Inspection struct {
	RegistryReader
	Schema int // its version of the schema
	Known  int // the newest version that this program knows

	db *sql.DB
}

// InspectRegistry opens the registry in dataDir to look at it, whether a server
// runs on it or not. It returns fs.ErrNotExist if there is none. Unless Schema is
// Known, only Check may be called.
func InspectRegistry(ctx context.Context, dataDir string) (*Inspection, error) {
	path, err := filepath.Abs(filepath.Join(dataDir, registryFile))
	if err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	db, err := sql.Open("sqlite", inspectionSource(path))
	if err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	i := &Inspection{RegistryReader: &sqlite{reader: newReader(db)}, Known: len(migrations), db: db}
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema`).Scan(&i.Schema); err != nil {
		return nil, errors.Join(fmt.Errorf("reading the registry: %w", err), db.Close())
	}
	return i, nil
}

// inspectionSource is for reading only. Without a log beside it no server has the
// file open, and it is read as it stands: SQLite would have to make a log.
func inspectionSource(path string) string {
	more := "mode=ro"
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		more = "immutable=1"
	}
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // of a drive letter
	}
	source := url.URL{Scheme: "file", Path: slashed, RawQuery: more + "&_pragma=busy_timeout(5000)&_pragma=query_only(1)"}
	return source.String()
}

// Check returns what SQLite's own quick check complains of, nil for nothing.
func (i *Inspection) Check(ctx context.Context) error {
	var said string
	if err := i.db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&said); err != nil {
		return fmt.Errorf("checking the registry: %w", err)
	}
	if said != "ok" {
		return fmt.Errorf("checking the registry: %s", said)
	}
	return nil
}

// Close closes the registry.
func (i *Inspection) Close() error {
	if r, ok := i.RegistryReader.(*sqlite); ok {
		return r.reader.close()
	}
	return i.db.Close()
}
