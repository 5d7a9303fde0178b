package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// api is a terminal that orders releases.
type api struct {
	token string
	http  *http.Client
}

func newAPI(ca []byte, token string, s *server) (*api, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("reading the server's certificate: there is none")
	}
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.dialAddress())
	}
	return &api{token: token, http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots}, DialContext: dial, MaxIdleConnsPerHost: 16}}}, nil
}

type release struct {
	ID    string `json:"id"`
	Job   string `json:"job"`
	State string `json:"state"`
}

// orderReleases orders the release of jobs; key, if any, is the Idempotency-Key.
func (a *api) orderReleases(ctx context.Context, key string, jobs ...string) ([]release, error) {
	var made struct {
		Releases []release `json:"releases"`
	}
	err := a.sendRequest(ctx, http.MethodPost, "/v1/releases", key, map[string]any{"jobs": jobs, "printer": printerName}, &made)
	return made.Releases, err
}

func (a *api) fetchRelease(ctx context.Context, id string) (r release, err error) {
	return r, a.sendRequest(ctx, http.MethodGet, "/v1/releases/"+id, "", nil, &r)
}

func (a *api) sendRequest(ctx context.Context, method, path, key string, body, answer any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, "https://localhost:8443"+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err = io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		return fmt.Errorf("the server answers %s: %s", resp.Status, bytes.TrimSpace(data))
	}
	return json.Unmarshal(data, answer)
}
