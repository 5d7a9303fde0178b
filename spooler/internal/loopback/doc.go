// Package loopback holds the printer's port on both loopback addresses: it
// listens, limits how many connections each account may have, and checks
// whether it is this process that answers there. It knows neither HTTP bodies
// nor IPP.
package loopback
