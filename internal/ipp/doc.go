// Package ipp implements IPP over HTTP for clients, the printer and software
// printers alike: bounded decoding of messages (RFC 8010), sets of attributes,
// statuses and transport.
//
// It owns the limits on messages from outside. What an operation means belongs
// to the packages above it: it knows no job, no printer and no policy.
package ipp
