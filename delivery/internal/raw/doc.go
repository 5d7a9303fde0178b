// Package raw brings one document to a printer over one connection to its
// port 9100: bare, or wrapped in PJL, and reports what the printer's answers
// prove. docs/raw.md is its specification; PJL is HP's Printer Job Language
// Technical Reference Manual.
//
// It owns the wrapping, the reading of what comes back, and the levels of
// evidence. It must not know the directory, journals, or what an outcome is:
// the caller makes the connection, and judges the result.
package raw
