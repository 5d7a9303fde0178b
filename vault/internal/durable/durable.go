// Package durable owns how a file of the vault or the keystore takes its name for
// good. It knows nothing of what the files are.
//
// On Windows Replace writes through, since folders cannot be flushed there; a
// removal may not survive a power cut.
package durable
