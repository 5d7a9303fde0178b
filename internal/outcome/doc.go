// Package outcome defines the result of the release of a job: the states that it
// can end in, and every word that can be its reason, each with a sentence for
// people.
//
// A Result has words of this package's lists, and numbers; no field can hold
// another text. It is what the server is told and what is written to the journal
// of orders, so texts of a printer or the system are not part of it. The package
// imports no package of this project.
package outcome
