package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/printscout/printscout/internal/identity"
)

// Client asks an agent.
type Client struct {
	http *http.Client
	path string
}

// NewClient makes a client for the agent at a socket.
func NewClient(path string) *Client {
	c := &Client{path: path}
	c.http = &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, path) },
	}}
	return c
}

// Close lets the connections go.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// dial connects and asks the kernel who is at the other end before a word is
// said: only the system, the person itself and the agent's own account may run it.
func dial(ctx context.Context, path string) (net.Conn, error) {
	conn, err := connect(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%w at %s: %w", ErrUnreachable, path, err)
	}
	uid, err := identity.ServerOf(conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	if !trusted(uid) {
		conn.Close()
		return nil, fmt.Errorf("%w: %s is answered by uid %s", ErrStranger, path, uid)
	}
	return conn, nil
}

// connectTime is how long an agent may have more callers waiting than there is
// room for.
const connectTime = 5 * time.Second

// Status asks how the agent is.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return ask[Status](ctx, c, "GET", "/v1/status", nil)
}

// Jobs lists the caller's jobs, an administrator's: everybody's.
func (c *Client) Jobs(ctx context.Context) ([]Job, error) {
	return ask[[]Job](ctx, c, "GET", "/v1/jobs", nil)
}

// Job shows one job; the start of an id is enough where it is the only one.
func (c *Client) Job(ctx context.Context, id string) (Job, error) {
	return ask[Job](ctx, c, "GET", "/v1/jobs/"+url.PathEscape(id), nil)
}

// Cancel forgets a job.
func (c *Client) Cancel(ctx context.Context, id string) (Job, error) {
	return ask[Job](ctx, c, "DELETE", "/v1/jobs/"+url.PathEscape(id), nil)
}

// Resolve says what became of a job whose fate is uncertain: Printed or
// PrintAgain.
func (c *Client) Resolve(ctx context.Context, id, said string) (Job, error) {
	return ask[Job](ctx, c, "POST", "/v1/jobs/"+url.PathEscape(id)+"/resolution", Resolution{said})
}

// Release orders jobs to be printed.
func (c *Client) Release(ctx context.Context, r Release) (Progress, error) {
	return ask[Progress](ctx, c, "POST", "/v1/releases", r)
}

// Wait returns once a release is done. Where tell is not nil it is told every
// second how far that has come, and at the end.
func (c *Client) Wait(ctx context.Context, id string, tell func(Progress)) (Progress, error) {
	patience := maxWait
	if tell != nil {
		patience = time.Second
	}
	for {
		p, err := ask[Progress](ctx, c, "GET", "/v1/releases/"+url.PathEscape(id)+"?wait="+patience.String(), nil)
		if err == nil && tell != nil {
			tell(p)
		}
		if err != nil || p.Done {
			return p, err
		}
	}
}

// Printers lists the printers of the site's directory.
func (c *Client) Printers(ctx context.Context) ([]Printer, error) {
	return ask[[]Printer](ctx, c, "GET", "/v1/printers", nil)
}

// Enroll hands the agent the bundle of a site.
func (c *Client) Enroll(ctx context.Context, e Enrollment) (Enrolled, error) {
	return ask[Enrolled](ctx, c, "POST", "/v1/enroll", e)
}

// Unenroll has the agent leave its site.
func (c *Client) Unenroll(ctx context.Context, l Leaving) (Left, error) {
	return ask[Left](ctx, c, "DELETE", "/v1/enrollment", l)
}

// maxAnswer bounds a listing of 10,000 jobs.
const maxAnswer = 32 << 20

func ask[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	var answer T
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return answer, fmt.Errorf("preparing a request to the agent: %w", err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://printscout"+path, in)
	if err != nil {
		return answer, fmt.Errorf("preparing a request to the agent: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer, broken(ctx, err)
	}
	defer resp.Body.Close()
	return readAnswer[T](ctx, resp)
}

func readAnswer[T any](ctx context.Context, resp *http.Response) (T, error) {
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		var none T
		return none, broken(ctx, err)
	}
	return decode[T](resp.StatusCode, b)
}

// broken tells an agent that went away from a request that was given up.
func broken(ctx context.Context, err error) error {
	if err == nil {
		err = io.EOF
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if ctx.Err() != nil || errors.Is(err, ErrUnreachable) || errors.Is(err, ErrStranger) || errors.Is(err, identity.ErrUnknown) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

func decode[T any](status int, b []byte) (T, error) {
	var answer T
	if status >= 400 {
		e := new(Error)
		if err := json.Unmarshal(b, e); err != nil || e.Message == "" {
			return answer, fmt.Errorf("the agent answered with status %d", status)
		}
		return answer, e
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		return answer, fmt.Errorf("reading the agent's answer: %w", err)
	}
	return answer, nil
}
