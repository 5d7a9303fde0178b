// Package snmp asks a printer by SNMP whether it can print, what it lacks and
// which printer it is, in few bytes. docs/snmp.md is its specification.
//
// It owns the objects that are asked, what is made of their values, and the
// verdict. It must not know of jobs, documents or IPP: what IPP said of the
// printer is handed to the verdict. It keeps nothing between two calls: what
// need not be asked again is given to the caller to keep.
package snmp
