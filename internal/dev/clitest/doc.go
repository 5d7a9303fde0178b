// Package clitest has what the tests of both programs require of their command
// lines: that every command declares its exit statuses, and that transcripts stay
// true. No program links it.
package clitest
