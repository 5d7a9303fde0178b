package cloud

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations bring the registry's schema from each version to the next; a
// released one is never changed. Times are Unix milliseconds.
var migrations = []string{
	`CREATE TABLE scouts (
		id       TEXT PRIMARY KEY,
		name     TEXT NOT NULL,
		version  TEXT NOT NULL,
		sign     BLOB NOT NULL,
		wrap     BLOB NOT NULL,
		enrolled INTEGER NOT NULL
	) STRICT;
	CREATE TABLE tokens (
		hash    BLOB PRIMARY KEY,
		created INTEGER NOT NULL,
		expires INTEGER NOT NULL,
		scout   TEXT REFERENCES scouts (id)
	) STRICT;
	CREATE TABLE api_tokens (
		hash    BLOB PRIMARY KEY,
		name    TEXT NOT NULL,
		created INTEGER NOT NULL
	) STRICT;
	CREATE TABLE orders (
		seq      INTEGER PRIMARY KEY AUTOINCREMENT,
		id       TEXT NOT NULL UNIQUE,
		scout    TEXT NOT NULL REFERENCES scouts (id),
		job      TEXT NOT NULL,
		printer  TEXT NOT NULL,
		user     TEXT NOT NULL,
		created  INTEGER NOT NULL,
		expires  INTEGER NOT NULL,
		state    TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'done', 'expired')),
		reason   TEXT NOT NULL DEFAULT '',
		sent     INTEGER NOT NULL DEFAULT 0,
		finished INTEGER NOT NULL DEFAULT 0,
		result   BLOB
	) STRICT;
	CREATE INDEX orders_unfinished ON orders (scout, seq) WHERE state IN ('pending', 'sent');
	CREATE INDEX orders_pending ON orders (expires) WHERE state = 'pending';
	CREATE INDEX orders_finished ON orders (finished) WHERE state IN ('done', 'expired');
	CREATE TABLE served (
		site     TEXT PRIMARY KEY,
		revision INTEGER NOT NULL
	) STRICT;`,
	`ALTER TABLE orders ADD COLUMN pin BLOB;`,
	`CREATE TABLE successors (
		site TEXT PRIMARY KEY,
		next BLOB NOT NULL
	) STRICT;`,
	// Earlier API tokens did not expire: they have a year from now on.
	`ALTER TABLE api_tokens ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;
	UPDATE api_tokens SET expires = CAST(strftime('%s', 'now') AS INTEGER) * 1000 + 31536000000;
	ALTER TABLE scouts ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
	CREATE TABLE withdrawals (n INTEGER NOT NULL) STRICT;
	INSERT INTO withdrawals (n) VALUES (0);
	CREATE TABLE requests (
		id       INTEGER PRIMARY KEY AUTOINCREMENT,
		key      BLOB NOT NULL UNIQUE,
		body     BLOB NOT NULL,
		created  INTEGER NOT NULL,
		complete INTEGER NOT NULL
	) STRICT;
	CREATE INDEX requests_created ON requests (created);
	ALTER TABLE orders ADD COLUMN request INTEGER;
	CREATE UNIQUE INDEX orders_request ON orders (request, job) WHERE request IS NOT NULL;`,
	// Earlier scouts sent the printers' own sentences with a result.
	`UPDATE orders SET result = CAST(json_remove(CAST(result AS TEXT), '$.ev') AS BLOB)
		WHERE result IS NOT NULL AND json_valid(CAST(result AS TEXT));`,
	// Earlier bundles were for one computer, whose scout was approved.
	`ALTER TABLE tokens ADD COLUMN name TEXT NOT NULL DEFAULT '';
	ALTER TABLE tokens ADD COLUMN uses INTEGER NOT NULL DEFAULT 1;
	ALTER TABLE tokens ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE tokens ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
	UPDATE tokens SET used = 1 WHERE scout IS NOT NULL;
	ALTER TABLE scouts ADD COLUMN token BLOB;
	ALTER TABLE scouts ADD COLUMN bundle TEXT NOT NULL DEFAULT '';
	ALTER TABLE scouts ADD COLUMN approved INTEGER NOT NULL DEFAULT 0;
	UPDATE scouts SET approved = max(enrolled, 1), token = (SELECT hash FROM tokens WHERE scout = scouts.id);
	UPDATE scouts SET bundle = 'bundle-' || lower(substr(hex(token), 1, 8)) WHERE token IS NOT NULL;
	CREATE INDEX scouts_token ON scouts (token, sign);`,
}

// sentencesUntil is the last schema version whose results may hold sentences
// of printers, and whose free pages may hold those of deleted orders.
const sentencesUntil = 4

// migrateSchema brings the schema up to date; processes that start together
// take turns.
func migrateSchema(ctx context.Context, db *sql.DB) error {
	if err := wipeFreePages(ctx, db); err != nil {
		return fmt.Errorf("preparing the registry: %w", err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("preparing the registry: %w", err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL) STRICT`); err != nil {
		return fmt.Errorf("preparing the registry: %w", err)
	}
	var version int
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema`).Scan(&version); err != nil {
		return fmt.Errorf("preparing the registry: %w", err)
	}
	if version > len(migrations) {
		return fmt.Errorf("preparing the registry: its schema is version %d, this program knows %d: use the newer program", version, len(migrations))
	}
	for i, statements := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, statements); err != nil {
			return fmt.Errorf("preparing the registry: schema version %d: %w", version+i+1, err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO schema (version) VALUES (?)`, version+i+1); err != nil {
			return fmt.Errorf("preparing the registry: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("preparing the registry: %w", err)
	}
	if version == 0 || version > sentencesUntil {
		return nil
	}
	if _, err := db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return fmt.Errorf("preparing the registry: %w", err)
	}
	return nil
}

// wipeFreePages empties the free pages of a registry that may hold sentences,
// and makes the migration overwrite what it removes. It comes before the
// migration, which marks it as done: after a crash in between it is done
// again.
func wipeFreePages(ctx context.Context, db *sql.DB) error {
	var version int
	err := db.QueryRowContext(ctx, `SELECT max(version) FROM schema`).Scan(&version)
	if err != nil || version > sentencesUntil {
		return nil // there is no registry yet, or it has no sentences
	}
	for _, statement := range []string{`VACUUM`, `PRAGMA secure_delete = ON`} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
