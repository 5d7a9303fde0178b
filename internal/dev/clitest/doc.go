// Package clitest holds what the tests of both programs want of their command
// lines: that every command says how it ends, and that transcripts of them
// stay true. No program links it.
package clitest
