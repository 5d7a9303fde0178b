package wire

import (
	"crypto/ed25519"
	"encoding/binary"
	"net"
	"slices"
	"strings"
)

const helloContext = "printscout scout hello v1\x00"

// SignHello returns the scout's answer to a challenge: its signature over the
// nonce, its own id and the host name that it dialed (HostName).
func SignHello(key ed25519.PrivateKey, nonce []byte, scout, host string) []byte {
	return ed25519.Sign(key, helloMessage(nonce, scout, host))
}

// VerifyHello reports whether signature is that of the scout with this key.
func VerifyHello(key ed25519.PublicKey, nonce []byte, scout, host string, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && len(nonce) == NonceSize &&
		ed25519.Verify(key, helloMessage(nonce, scout, host), signature)
}

func helloMessage(nonce []byte, scout, host string) []byte {
	return appendString(appendString(slices.Concat([]byte(helloContext), nonce), scout), host)
}

// appendString appends a string after its length in two bytes, big endian.
func appendString(m []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(m, uint16(len(s))), s...)
}

// HostName returns the host of a URL or Host header as both ends sign it:
// lower case, without port, brackets or a final dot.
func HostName(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
