// Command packages is the program of make packages: it builds both programs for
// Linux and makes deb, rpm and apk packages, tar archives, lists of components and
// checksums of them, byte for byte the same from the same source. docs/packages.md
// describes what it makes. It runs the go command, nfpm and cyclonedx-gomod, and
// knows no job, printer or site.
package main
