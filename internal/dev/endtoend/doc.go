// Package endtoend runs the binaries as a stranger would: it makes a site,
// starts a server, a scout and printers, prints with the clients that others
// use, and looks at what comes out. It has no code but tests, and knows of the
// project only what its documents promise.
package endtoend
