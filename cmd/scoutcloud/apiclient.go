package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// apiClient uses the release API as a terminal or a script would.
type apiClient struct {
	http  *http.Client
	url   string
	token string
}

func newAPIClient(server, caFile, token string) (*apiClient, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("reading the server's certificate: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("reading the server's certificate: there is none in " + caFile)
	}
	return &apiClient{
		http:  &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}}},
		url:   server,
		token: token,
	}, nil
}

func (a *apiClient) close() { a.http.CloseIdleConnections() }

// releaseStatus is a release as the API shows it (docs/protocol.md).
type releaseStatus struct {
	ID     string          `json:"id"`
	State  string          `json:"state"`
	Reason string          `json:"reason"`
	Result *control.Result `json:"result"`
}

// jobWaitTime bounds how long a scout may take to tell the server about a job.
const jobWaitTime = 30 * time.Second

// waitForJob waits until the server knows a job: its scout tells the server
// some time after the job is parked.
func (a *apiClient) waitForJob(ctx context.Context, job string) error {
	ctx, cancel := context.WithTimeout(ctx, jobWaitTime)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		var jobs []struct {
			ID string `json:"id"`
		}
		if err := a.sendRequest(ctx, http.MethodGet, "/v1/jobs", nil, &jobs); err != nil {
			return err
		}
		for _, j := range jobs {
			if j.ID == job {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the scout has not told the server of job %s: %w", job, ctx.Err())
		case <-again.C:
		}
	}
}

// releaseJob orders one job to be printed and waits for its result.
func (a *apiClient) releaseJob(ctx context.Context, job, printer string) (control.Result, error) {
	var made struct {
		Releases []releaseStatus `json:"releases"`
	}
	err := a.sendRequest(ctx, http.MethodPost, "/v1/releases", map[string]any{"jobs": []string{job}, "printer": printer}, &made)
	if err != nil {
		return control.Result{}, err
	}
	if len(made.Releases) != 1 {
		return control.Result{}, fmt.Errorf("the server made %d releases of one job", len(made.Releases))
	}
	r := made.Releases[0]
	for r.Result == nil {
		if r.State == "expired" {
			return control.Result{}, fmt.Errorf("the release expired: %s", r.Reason)
		}
		if err := a.sendRequest(ctx, http.MethodGet, "/v1/releases/"+url.PathEscape(r.ID)+"?wait=30", nil, &r); err != nil {
			return control.Result{}, err
		}
	}
	return *r.Result, nil
}

// sendRequest sends a request with a JSON body and decodes the response.
func (a *apiClient) sendRequest(ctx context.Context, method, path string, body, answer any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("preparing a request to the server: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("preparing a request to the server: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.http.Do(req)
	if err != nil {
		return fmt.Errorf("asking the server: %w", err)
	}
	defer resp.Body.Close()
	b, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	if resp.StatusCode >= 400 {
		return fmt.Errorf("the server answers %s: %s", resp.Status, bytes.TrimSpace(b))
	}
	if err := json.Unmarshal(b, answer); err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	return nil
}
