// Package cli is what the commands of this project share: how a command line is
// parsed, what its help looks like, how answers are printed, and how an error
// becomes a message, a hint and an exit status. It knows no command and no error
// of the project's packages: a Program explains its errors.
package cli
