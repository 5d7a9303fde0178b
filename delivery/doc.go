// Package delivery brings a job to a printer: it finds the way, checks that
// the printer can take the document, sends it once, follows the job to its
// end and reports what is known of it. docs/delivery.md is its specification.
//
// It owns the rules of the way (which address, how well protected, never
// weaker after a refusal) and of the outcome (what counts as delivered). It
// must not know where documents are stored, who ordered the delivery or over
// what: the caller passes in a printer of the directory and a document to open.
package delivery
