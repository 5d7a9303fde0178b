// Package ipp is IPP over HTTP as a client, a printer and a software printer
// all need it: bounded decoding of messages (RFC 8010), sets of attributes,
// statuses and transport.
//
// It owns the limits on what comes in from outside and knows no job, no
// printer and no policy: what an operation means belongs to the packages
// above it.
package ipp
