package ipp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/OpenPrinting/goipp"
)

// Client sends requests to one printer.
type Client struct {
	// HTTP carries the requests; it must not follow redirects or send a
	// request again by itself.
	HTTP *http.Client
	// URI is the printer's, with scheme ipp or ipps.
	URI string
}

// Document is the body that follows a request. It is sent once: the transport
// cannot rewind it.
type Document struct {
	io.Reader
	Size int64 // exact
}

// Do sends one request, with a document if doc is not nil, and reads the
// response. A response with an IPP status other than successful comes with a
// *StatusError, one that is not IPP with an *HTTPError.
func (c *Client) Do(ctx context.Context, m *goipp.Message, doc *Document) (*goipp.Message, error) {
	req, err := c.newHTTPRequest(ctx, m, doc)
	if err != nil {
		return nil, err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("sending %s: %w", goipp.Op(m.Code), err)
	}
	defer resp.Body.Close()
	return ReadAnswer(m, resp)
}

func (c *Client) newHTTPRequest(ctx context.Context, m *goipp.Message, doc *Document) (*http.Request, error) {
	head, err := m.EncodeBytes()
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", goipp.Op(m.Code), err)
	}
	target, err := HTTPURL(c.URI)
	if err != nil {
		return nil, err
	}
	var body io.Reader = bytes.NewReader(head)
	size := int64(len(head))
	if doc != nil {
		body = io.MultiReader(body, doc)
		size += doc.Size
	}
	// net/http does not know the type of this reader, so it sets no GetBody and
	// cannot send the document a second time.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, io.NopCloser(body))
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", goipp.Op(m.Code), err)
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", ContentType)
	req.Header.Set("User-Agent", "printscout")
	return req, nil
}

// ReadAnswer reads the response to m with ReadTolerant. A response with an
// unsuccessful status is returned together with a *StatusError, one that is not
// IPP as an *HTTPError. Responses with request id 0 or 1 are accepted, since
// some printers number all of them so.
func ReadAnswer(m *goipp.Message, resp *http.Response) (*goipp.Message, error) {
	if resp.StatusCode != http.StatusOK {
		return nil, &HTTPError{Code: resp.StatusCode, Status: Clean(resp.Status, 100), Location: resp.Header.Get("Location")}
	}
	a, err := ReadTolerant(bufio.NewReader(resp.Body), DefaultLimits)
	if err != nil {
		return nil, fmt.Errorf("reading the answer to %s: %w", goipp.Op(m.Code), err)
	}
	if a.RequestID != m.RequestID && a.RequestID > 1 {
		return nil, fmt.Errorf("reading the answer to %s: %w: it answers request %d, not %d", goipp.Op(m.Code), ErrMalformed, a.RequestID, m.RequestID)
	}
	if s := goipp.Status(a.Code); !OK(s) {
		return a, &StatusError{Op: goipp.Op(m.Code), Status: s, Message: Clean(String(a.Operation, "status-message"), 255)}
	}
	return a, nil
}

// ErrURI means that an address is not a printer's.
var ErrURI = errors.New("not a printer address")

// HTTPURL returns the http or https URL for a printer's ipp or ipps URI, with
// port 631 where the URI has none (RFC 3510, RFC 7472).
func HTTPURL(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("%w: %q cannot be read", ErrURI, uri)
	}
	scheme, ok := map[string]string{"ipp": "http", "ipps": "https"}[u.Scheme]
	if !ok || u.Hostname() == "" || u.User != nil {
		return "", fmt.Errorf("%w: %q should look like ipps://printer.example/ipp/print", ErrURI, uri)
	}
	if u.Port() == "" {
		u.Host += ":631"
	}
	u.Scheme = scheme
	return u.String(), nil
}

// IsStatus reports whether err is a StatusError with one of the statuses.
func IsStatus(err error, statuses ...goipp.Status) bool {
	se, ok := errors.AsType[*StatusError](err)
	if !ok {
		return false
	}
	for _, s := range statuses {
		if se.Status == s {
			return true
		}
	}
	return false
}
