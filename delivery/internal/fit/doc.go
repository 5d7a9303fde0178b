// Package fit makes of what a document was parked with what one printer can be
// asked for, by what that printer lists. It opens no connection and knows no
// delivery.
package fit
