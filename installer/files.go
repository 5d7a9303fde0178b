package installer

import "embed"

// Files are the files for the service managers, in folders named after the
// systems. The commands and the packages install the same bytes.
//
//go:embed linux macos
var Files embed.FS
