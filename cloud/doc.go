// Package cloud is the release server: it enrolls scouts, keeps their
// websockets (docs/protocol.md), an index of the jobs they hold, and the
// orders to print them, and offers the API by which terminals and scripts
// release jobs. It owns the registry, the server's certificates and every
// route. It must not know documents, titles, people or any private key other
// than its own TLS key, and it decides nothing that a scout does not check
// again.
package cloud
