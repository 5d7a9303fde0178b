package web

import "net/http"

// ContentSecurityPolicy lets a page have what its own server has, and no
// inline code.
const ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// headers are those of every answer. By the policy no-referrer a browser would
// send no origin with a form either (Fetch, "append a request Origin header"),
// and a form of ours could not be told from another's.
var headers = map[string]string{
	"Content-Security-Policy":      ContentSecurityPolicy,
	"Cache-Control":                "no-store",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "same-origin",
	"X-Frame-Options":              "DENY",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
}

// Secure sets the headers that every answer has.
func Secure(h http.Header) {
	for name, value := range headers {
		h.Set(name, value)
	}
}
