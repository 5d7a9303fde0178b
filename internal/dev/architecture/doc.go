// Package architecture holds the project to docs/architecture.md by tests: who
// may import whom, that every package says what it is, and that the documents
// name every route, command and dependency there is. It has no code but tests.
package architecture
