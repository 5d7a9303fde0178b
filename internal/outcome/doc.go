// Package outcome is what may be said of the release of a job: its result, the
// states it can end in, and every word that can stand as its reason, each with a
// sentence for people.
//
// A Result has words of this package's lists and numbers, and no field that
// could take a text: it is what leaves the computer for the server, and what is
// written down in the journal of orders. What a printer or the system says in
// its own words is not part of it. The package imports no package of ours.
package outcome
