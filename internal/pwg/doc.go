// Package pwg is what is known of papers: their names (PWG 5101.1), sizes, what
// printer languages and older software call them, and when two sizes are one.
// It imports no package of ours.
package pwg
