// Package directory owns a site: its root and the keys derived from it, the
// password that wraps the root, and the signed directory of the printers that
// scouts may print at. An administrator makes and signs with a Site; scouts and
// servers verify with a Public, which holds no secret.
//
// The format is docs/site-format.md. The package knows files and keys. It must
// not know IPP, networks, servers or scouts; it never asks for a password and
// prints nothing. Of this module it imports only internal/durable.
package directory
