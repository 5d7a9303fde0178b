// Package scout is the agent: the life of a job from when it is captured until
// it is gone. It joins packages that know only their own part: the printer on
// loopback, the vault, the delivery, the link to the server and the local API.
//
// It owns the states of a job (docs/job-states.md), the decision whether an
// order is carried out, and what is kept of both across restarts. It does not
// know wire formats or cryptography.
package scout
