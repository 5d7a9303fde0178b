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

	_ "modernc.org/sqlite" // the driver "sqlite"
)

const registryFile = "registry.db"

// readers is how many connections read at a time: a look-up does not wait for
// a change that is being written to disk.
const readers = 4

// sqlite is a Registry in one SQLite file.
type sqlite struct {
	writer       *registryWriter
	reader       *registryReader
	checkpointer *checkpointer
}

// OpenRegistry opens the registry in dataDir, or makes it. It may be open in
// another process at the same time.
func OpenRegistry(ctx context.Context, dataDir string) (Registry, error) {
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	// SQLite gives its other files the mode of this one.
	f, err := os.OpenFile(filepath.Join(dataDir, registryFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	f.Close()
	return openRegistry(ctx, dataDir)
}

// OpenExistingRegistry opens the registry in dataDir, or returns
// fs.ErrNotExist if no server has made one.
func OpenExistingRegistry(ctx context.Context, dataDir string) (Registry, error) {
	info, err := os.Stat(filepath.Join(dataDir, registryFile))
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrInvalid
	}
	if err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	return openRegistry(ctx, dataDir)
}

func openRegistry(ctx context.Context, dataDir string) (Registry, error) {
	path, err := filepath.Abs(filepath.Join(dataDir, registryFile))
	if err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	db, err := sql.Open("sqlite", dataSource(path, "&_pragma=wal_autocheckpoint("+checkpointPages+")"))
	if err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	db.SetMaxOpenConns(1) // SQLite has only one writer at a time
	if err := migrateSchema(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	w, err := newWriter(ctx, db)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the registry: %w", err), db.Close())
	}
	reading, err := sql.Open("sqlite", dataSource(path, "&_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the registry: %w", err), w.close())
	}
	reading.SetMaxOpenConns(readers)
	reading.SetMaxIdleConns(readers)
	moving, err := sql.Open("sqlite", dataSource(path, ""))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the registry: %w", err), reading.Close(), w.close())
	}
	r := &sqlite{writer: w, reader: newReader(reading), checkpointer: newCheckpointer(moving)}
	w.changed = &r.checkpointer.changed
	return r, nil
}

func dataSource(path, more string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // of a drive letter
	}
	source := url.URL{Scheme: "file", Path: path, RawQuery: "_txlock=immediate" +
		"&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" + more}
	return source.String()
}

func (r *sqlite) Close() error {
	return errors.Join(r.checkpointer.close(), r.reader.close(), r.writer.close())
}

func (r *sqlite) Check(ctx context.Context) error {
	var n int
	return r.reader.queryRow(ctx, `SELECT count(*) FROM schema`).Scan(&n)
}

// changeRow runs a statement and reports whether it changed a row.
func (r *sqlite) changeRow(ctx context.Context, doing, statement string, args ...any) (bool, error) {
	var n int64
	err := r.writer.applyChange(ctx, func(tx *writeTx) (err error) {
		n, err = tx.exec(statement, args...)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("%s: %w", doing, err)
	}
	return n > 0, nil
}

// rowScanner is a row that can be read.
type rowScanner interface{ Scan(into ...any) error }

// fromMillis returns a time of the registry; 0 is the zero time.
func fromMillis(milli int64) time.Time {
	if milli == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milli).UTC()
}
