package ipp

import (
	"sync/atomic"

	"github.com/OpenPrinting/goipp"
)

// ContentType is the media type of an IPP message over HTTP (RFC 8010 §3.2).
const ContentType = goipp.ContentType

// Versions of the protocol.
const (
	Version10 = goipp.Version(0x0100)
	Version11 = goipp.Version(0x0101)
	Version20 = goipp.Version(0x0200)
)

var requestID atomic.Uint32

// NewRequest makes a request that begins as RFC 8011 §4.1.4 and §4.1.5 require:
// charset, language and the printer's URI.
func NewRequest(v goipp.Version, op goipp.Op, printerURI string) *goipp.Message {
	m := goipp.NewRequest(v, op, nextRequestID())
	m.Operation.Add(goipp.MakeAttr("attributes-charset", goipp.TagCharset, goipp.String("utf-8")))
	m.Operation.Add(goipp.MakeAttr("attributes-natural-language", goipp.TagLanguage, goipp.String("en")))
	m.Operation.Add(URI("printer-uri", printerURI))
	return m
}

// nextRequestID counts from 1 to 2³¹−1 and starts again (RFC 8011 §4.1.1).
func nextRequestID() uint32 { return (requestID.Add(1)-1)%(1<<31-1) + 1 }

// NewResponse makes the response to req, with the charset and language that
// every response begins with. A nil req is one that could not be read at all.
func NewResponse(req *goipp.Message, status goipp.Status) *goipp.Message {
	v, id := Version11, uint32(0)
	if req != nil {
		v, id = answerVersion(req.Version), req.RequestID
	}
	m := goipp.NewResponse(v, status, id)
	m.Operation.Add(goipp.MakeAttr("attributes-charset", goipp.TagCharset, goipp.String("utf-8")))
	m.Operation.Add(goipp.MakeAttr("attributes-natural-language", goipp.TagLanguage, goipp.String("en")))
	return m
}

// answerVersion returns the version of the response to a request: its own if
// known, else the nearest known one (RFC 8011 §4.1.8).
func answerVersion(v goipp.Version) goipp.Version {
	switch {
	case v.Major() == 1:
		return Version11
	case v == Version20, v == 0x0201, v == 0x0202:
		return v
	case v.Major() == 0:
		return Version11
	}
	return Version20
}
