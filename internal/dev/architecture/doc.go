// Package architecture has the tests that hold docs/architecture.md: which package
// may import which, that every package has a comment, and that the documents name
// every route, command and dependency. It has no code but tests.
package architecture
