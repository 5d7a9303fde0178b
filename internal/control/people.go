package control

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Person is somebody who has registered: docs/registration.md.
type Person struct {
	Name       string    `json:"name"` // the account's canonical name
	Registered time.Time `json:"registered"`
	By         string    `json:"by"` // self, administrator
}

// Registration asks the agent to take somebody in.
type Registration struct {
	Name string `json:"name,omitempty"` // "" is the caller
}

// People lists the caller's registration, an administrator's: everybody's.
func (c *Client) People(ctx context.Context) ([]Person, error) {
	return ask[[]Person](ctx, c, "GET", "/v1/people", nil)
}

// Register takes somebody in.
func (c *Client) Register(ctx context.Context, r Registration) (Person, error) {
	return ask[Person](ctx, c, "POST", "/v1/people", r)
}

// Unregister forgets somebody.
func (c *Client) Unregister(ctx context.Context, name string) (Person, error) {
	return ask[Person](ctx, c, "DELETE", "/v1/people/"+url.PathEscape(name), nil)
}

func (s *Server) people(q request) (int, any, error) {
	return http.StatusOK, s.agent.People(q.caller), nil
}

func (s *Server) register(q request) (int, any, error) {
	var r Registration
	if err := q.decode(&r); err != nil {
		return 0, nil, err
	}
	return answered(s.agent.Register(q.caller, r))
}

func (s *Server) unregister(q request) (int, any, error) {
	return answered(s.agent.Unregister(q.caller, q.PathValue("name")))
}
