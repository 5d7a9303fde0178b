// Package vault keeps sealed jobs at rest.
//
// It owns the files of one folder: their format (docs/sealed-job-format.md),
// the keys of each job, and what a crash may leave behind. A document goes in
// and comes out as a stream; it is never held in memory as a whole and never
// written down in the clear. A job is complete and durable once
// [Writer.Commit] returns nil, and never half there.
//
// It must not know what a job's metadata, summary and note mean, where jobs
// come from, who may release them, or when they expire. It imports no other
// package of this project.
package vault
