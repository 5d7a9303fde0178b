package delivery

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/fit"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// failure is why a delivery does not go on.
type failure struct {
	reason  string
	message string // a sentence for a person
	uri     string // where it occurred; may be empty
	next    bool   // the printer's next address may be tried
	path    bool   // the next path at the same port may be tried: a printer would not answer so
	up      string // the ipps address that the printer sends us to; may be empty
	cause   error
}

func (f *failure) Error() string {
	if f.cause == nil {
		return f.reason
	}
	return f.reason + ": " + f.cause.Error()
}

func (f *failure) Unwrap() error { return f.cause }

// asFailure returns what an error of a request to the printer means.
func asFailure(name, uri string, err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if c, ok := errors.AsType[*fit.CopiesError](err); ok {
		return copiesFailure(name, c.Copies)
	}
	if errors.Is(err, fit.ErrPages) {
		return pagesFailure(name)
	}
	if he, ok := errors.AsType[*ipp.HTTPError](err); ok {
		return httpFailure(name, uri, he)
	}
	if se, ok := errors.AsType[*ipp.StatusError](err); ok {
		return statusFailure(name, uri, se)
	}
	if f := tlsFailure(name, uri, err); f != nil {
		return f
	}
	if isUnreadable(err) {
		return &failure{reason: outcome.ReasonGarbled, next: true, path: true, cause: err,
			message: fmt.Sprintf("Printer %s gave an answer at %s that could not be read.", name, uri)}
	}
	return &failure{reason: outcome.ReasonUnreachable, next: true, path: hungUp(err), cause: err, message: unreachableMessage(name, uri, err)}
}

func copiesFailure(name string, n int) *failure {
	return &failure{reason: outcome.ReasonCopies, message: fmt.Sprintf("Printer %s cannot print %d copies.", name, n)}
}

func pagesFailure(name string) *failure {
	return &failure{reason: outcome.ReasonPages, message: fmt.Sprintf("Printer %s cannot print only some pages of a document.", name)}
}

// unreachableMessage describes a printer that gave no answer.
func unreachableMessage(name, where string, err error) string {
	if hungUp(err) {
		return fmt.Sprintf("Printer %s cannot be reached: the connection was closed without an answer at %s.", name, where)
	}
	return fmt.Sprintf("Printer %s cannot be reached: no answer from %s.", name, where)
}

// isUnreadable reports whether something came that is not an IPP answer.
func isUnreadable(err error) bool {
	return errors.Is(err, ipp.ErrMalformed) || errors.Is(err, ipp.ErrTooLarge) || isBadHTTP(err)
}

// hungUp reports whether a connection was made and then ended without an
// answer.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isReset(err)
}

// isBadHTTP reports whether an answer was not HTTP. net/http has no error
// value for it, only words.
func isBadHTTP(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "malformed HTTP") || strings.Contains(err.Error(), "malformed MIME header"))
}

func tlsFailure(name, uri string, err error) *failure {
	switch {
	case errors.Is(err, errPin):
		return &failure{reason: outcome.ReasonPinMismatch, cause: err,
			message: fmt.Sprintf("Printer %s showed another key than the one in the directory. Nothing was sent.", name)}
	case errors.Is(err, errUntrusted):
		return &failure{reason: outcome.ReasonUntrusted, cause: err,
			message: fmt.Sprintf("The certificate of printer %s could not be verified. Nothing was sent.", name)}
	case errors.Is(err, errNoTLS):
		return &failure{reason: outcome.ReasonNoTLS, next: true, cause: err,
			message: fmt.Sprintf("Printer %s does not speak TLS at %s.", name, uri)}
	}
	return nil
}

func httpFailure(name, uri string, err *ipp.HTTPError) *failure {
	f := &failure{reason: outcome.ReasonRefused, cause: err, path: true, next: true, message: refusalMessage(name, err.Error())}
	if up := tlsLocation(uri, err.Location); up != "" && err.Code >= 300 && err.Code < 400 {
		err.Code, f.up = http.StatusUpgradeRequired, up
	}
	switch err.Code {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired:
		f.reason, f.message, f.path, f.next = outcome.ReasonLogin, loginMessage(name), false, false
	case http.StatusForbidden: // of a web page that is not for us, or of a printer
		f.reason, f.message = outcome.ReasonLogin, loginMessage(name)
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone:
		f.reason, f.message, f.next = outcome.ReasonWrongPath, pathMessage(uri), true
	case http.StatusUpgradeRequired:
		f.reason, f.path, f.next, f.message = outcome.ReasonTLSRequired, false, false, fmt.Sprintf("Printer %s takes jobs only by ipps.", name)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		f.reason, f.path, f.next, f.message = outcome.ReasonBusy, false, false, busyMessage(name)
	}
	return f
}

// tlsLocation returns the ipps address that a redirection leads to, "" unless
// it is one of the same host. The address is written down, and its path is the
// printer's text: a path that is not common among printers is replaced by the
// one asked.
func tlsLocation(uri, location string) string {
	from, err := url.Parse(uri)
	to, toErr := url.Parse(location)
	if err != nil || toErr != nil || to.Scheme != "https" || !strings.EqualFold(to.Hostname(), from.Hostname()) {
		return ""
	}
	port := to.Port()
	if port == "" {
		port = "443"
	}
	path := to.Path
	if path == "/" || !slices.Contains(commonPaths, path) {
		path = from.Path
	}
	return (&url.URL{Scheme: schemeIPPS, Host: net.JoinHostPort(to.Hostname(), port), Path: path}).String()
}

func statusFailure(name, uri string, err *ipp.StatusError) *failure {
	f := &failure{reason: statusReason(err.Status), cause: err}
	switch f.reason {
	case outcome.ReasonWrongPath:
		f.message, f.next, f.path = pathMessage(uri), true, true
	case outcome.ReasonLogin:
		f.message = loginMessage(name)
	case outcome.ReasonBusy:
		f.message = busyMessage(name)
	case outcome.ReasonNotAccepting:
		f.message = fmt.Sprintf("Printer %s is not accepting jobs.", name)
	case outcome.ReasonStopped:
		f.message = fmt.Sprintf("Printer %s is stopped: %s.", name, statusWords(err))
	case outcome.ReasonFormat:
		f.message = fmt.Sprintf("Printer %s does not print this document: %s.", name, statusWords(err))
	default:
		f.message = refusalMessage(name, statusWords(err))
	}
	return f
}

func statusReason(s goipp.Status) string {
	switch s {
	case goipp.StatusErrorNotFound, goipp.StatusErrorGone:
		return outcome.ReasonWrongPath
	case goipp.StatusErrorForbidden, goipp.StatusErrorNotAuthenticated, goipp.StatusErrorNotAuthorized,
		goipp.StatusErrorAccountInfoNeeded, goipp.StatusErrorAccountClosed,
		goipp.StatusErrorAccountLimitReached, goipp.StatusErrorAccountAuthorizationFailed:
		return outcome.ReasonLogin
	case goipp.StatusErrorBusy, goipp.StatusErrorServiceUnavailable, goipp.StatusErrorTemporary, goipp.StatusErrorTooManyJobs:
		return outcome.ReasonBusy
	case goipp.StatusErrorNotAcceptingJobs:
		return outcome.ReasonNotAccepting
	case goipp.StatusErrorDevice, goipp.StatusErrorPrinterIsDeactivated:
		return outcome.ReasonStopped
	case goipp.StatusErrorDocumentFormatNotSupported, goipp.StatusErrorDocumentFormatError,
		goipp.StatusErrorDocumentUnprintable, goipp.StatusErrorCompressionNotSupported:
		return outcome.ReasonFormat
	}
	return outcome.ReasonRefused
}

// statusWords returns the printer's own words for a refusal.
func statusWords(err *ipp.StatusError) string {
	if err.Message == "" {
		return err.Status.String()
	}
	return err.Message + " (" + err.Status.String() + ")"
}

func refusalMessage(name, words string) string {
	return fmt.Sprintf("Printer %s refused the job: %s.", name, words)
}

func loginMessage(name string) string {
	return fmt.Sprintf("Printer %s asks for a login and would not take the job.", name)
}

func busyMessage(name string) string { return fmt.Sprintf("Printer %s is busy.", name) }

func pathMessage(uri string) string { return fmt.Sprintf("There is no printer at %s.", uri) }

// refusesDefinitely reports whether an answer to a document is the printer's
// word, by RFC 8011 §4.1.6, that it has made no job of it: an IPP client
// error. What an HTTP status or a server error means for the document is not
// known.
func refusesDefinitely(err error) bool {
	se, ok := errors.AsType[*ipp.StatusError](err)
	return ok && se.Status >= 0x0400 && se.Status < 0x0500
}

// notApplied reports whether the HTTP status of an answer means that the
// request was not carried out (RFC 9110 §15.5.2, §15.5.4, §15.5.8). If the
// printer also knows no such job, there is none.
func notApplied(err error) bool {
	he, ok := errors.AsType[*ipp.HTTPError](err)
	if !ok {
		return false
	}
	switch he.Code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return true
	}
	return false
}
