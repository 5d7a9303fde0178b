// Package vault keeps sealed jobs at rest.
//
// It owns the files of one folder: their format (docs/sealed-job-format.md),
// the keys of each job, and what may be left after a crash. A document goes in
// and comes out as a stream; it is never held in memory as a whole and never
// stored in the clear. A job is complete and durable once [Writer.Commit]
// returns nil; until then it does not exist.
//
// It must not know what a job's metadata, summary and note mean, where jobs
// come from, who may release them, or when they expire. Of this project it
// imports only internal/durable.
package vault
