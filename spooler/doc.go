// Package spooler is the virtual printer on loopback: IPP in, jobs out
// (docs/capture.md).
//
// It owns the wire to the print clients of this computer: who may speak, what
// they may ask, what they are answered, and what a client's queue is told of
// its jobs until they are parked. It passes every document on as it arrives and
// stores none. It must not know where jobs are kept, who releases them, or any
// printer or server: it asks the Intake that it is given.
package spooler
