// Package cli is what the commands of this project share: how a command line
// is read, what its help looks like, how answers are printed, and how an error
// becomes a message, a hint and an exit status. It knows no command and no
// error of a package of ours: a Program says what its errors mean.
package cli
