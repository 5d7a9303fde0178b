// Package spooler is the virtual printer on loopback: IPP in, jobs out
// (docs/capture.md).
//
// It owns the wire to the print clients of this computer: who may speak, what
// is asked and answered, and what a client's queue is told of its jobs until
// they are parked. It hands every document on as it comes and holds none. It
// must not know where jobs are kept, who releases them, or any printer or
// server: it asks an Intake, which it is given.
package spooler
