// Package loopback is the printer's place on the computer: the port on both
// loopback addresses, how many connections each account may have to it, and
// whether it is this process that answers there. It knows neither HTTP bodies
// nor IPP.
package loopback
