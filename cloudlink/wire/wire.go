// Package wire defines what a scout and the server say to each other: the
// messages, their limits, and their form on the websocket (JSON text frames,
// docs/protocol.md). Both ends use it; it opens no connection, keeps no state
// and does not know what either end does with a message.
package wire

import "time"

// Subprotocol is the websocket subprotocol both ends insist on.
const Subprotocol = "printscout.v1"

// These limits bind both ends.
const (
	MaxFrame     = 64 << 10 // bytes of one frame
	MaxBody      = 64 << 10 // bytes of one HTTP body, the directory excepted
	MaxDirectory = 4 << 20  // bytes of a signed directory
	MaxResult    = 560      // bytes of a result frame
	MaxJobs      = 4096     // jobs the server keeps in its index for one scout
	OrderWindow  = 64       // orders a scout has in work at a time
	NonceSize    = 32       // bytes of a challenge's nonce
)

// These times bind both ends.
const (
	HandshakeTime = 10 * time.Second // for each step before the welcome
	WriteTime     = 10 * time.Second // for one frame to be taken by the network
	OrderTime     = time.Minute      // an order frame is valid for this long at most
	MinPing       = 5 * time.Second
	MaxPing       = 15 * time.Minute
)

// An order ends in one of these states, which its result has.
const (
	Delivered = "delivered" // the printer has printed it, as far as it can tell
	NotSent   = "not_sent"  // the printer never got the document
	Uncertain = "uncertain" // the printer may have it; a person decides
	Canceled  = "canceled"
)

// These are the codes of Refused.
const (
	CodeUnknown   = "unknown-scout"
	CodeSignature = "bad-signature"
	CodeOld       = "too-old"
)

// ReasonBusy is the reason of a result for an order beyond OrderWindow.
const ReasonBusy = "busy"

// Silence returns how long an end waits for a byte before it counts the
// connection as dead: two missed pings. An interval outside MinPing and
// MaxPing counts as the nearer of them.
func Silence(pingSeconds int) time.Duration {
	bounded := min(max(pingSeconds, int(MinPing/time.Second)), int(MaxPing/time.Second))
	return 2*time.Duration(bounded)*time.Second + 15*time.Second
}
