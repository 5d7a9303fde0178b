// Package pwg knows papers: their names (PWG 5101.1) and sizes, what printer
// languages and older software call them, and when two sizes count as the same.
// It imports no other package of this module.
package pwg
