// Package simprinter is a printer made of software: it speaks IPP, IPPS and
// RAW on loopback, stores what it gets as files, and fails on demand
// (docs/simprinter.md). Demonstrations print at it, and tests of delivery find
// out from it what a printer got, how often, and over what.
//
// It owns its listeners, jobs and files, shares nothing with the virtual
// printer of the scout, and must not know who prints.
package simprinter
