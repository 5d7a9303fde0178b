package cloudlink

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// ErrToken means that the server does not accept the bundle's token: it has
// been used, has expired, or is not one of this server.
var ErrToken = errors.New("the enrollment token is not accepted")

// Enroll asks the bundle's server to enroll the scout, with the token of the
// bundle. A person can do something about ErrServerPin and ErrToken.
func Enroll(ctx context.Context, b wire.Bundle, r wire.EnrollRequest) (wire.EnrollReply, error) {
	reply, err := requestEnrollment(ctx, b, r)
	if err != nil {
		return wire.EnrollReply{}, fmt.Errorf("enrolling: %w", err)
	}
	return reply, nil
}

func requestEnrollment(ctx context.Context, b wire.Bundle, r wire.EnrollRequest) (reply wire.EnrollReply, err error) {
	r.Token = b.Token
	if err := errors.Join(r.Validate(), wire.CheckPin(b.ServerPin)); err != nil {
		return reply, err
	}
	server, err := wire.ServerURL(b.Server)
	if err != nil {
		return reply, err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return reply, fmt.Errorf("encoding the request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.JoinPath("/v1/enroll").String(), bytes.NewReader(body))
	if err != nil {
		return reply, fmt.Errorf("making the request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := newClient(clientTLS(server.Hostname(), b.ServerPin, time.Now), new(net.Dialer).DialContext)
	resp, err := client.Do(req)
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted {
		return reply, fmt.Errorf("%w: %w", ErrServerPin, err)
	}
	if err != nil {
		return reply, err
	}
	defer resp.Body.Close()
	return readReply(resp)
}

func readReply(resp *http.Response) (reply wire.EnrollReply, err error) {
	data, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxBody))
	if err != nil {
		return reply, fmt.Errorf("reading the server's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return reply, statusError(resp.StatusCode, data)
	}
	if err := json.Unmarshal(data, &reply); err != nil {
		return reply, fmt.Errorf("reading the server's answer: %w", err)
	}
	return reply, reply.Validate()
}

// statusError returns the server's refusal, in its own words if it has any.
func statusError(status int, data []byte) error {
	var said struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(data, &said) != nil || said.Error == "" {
		said.Error = http.StatusText(status)
	}
	err := fmt.Errorf("the server answered with status %d: %s", status, plainText(said.Error))
	if status == http.StatusForbidden {
		return fmt.Errorf("%w: %w", ErrToken, err)
	}
	return err
}
