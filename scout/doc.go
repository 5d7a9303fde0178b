// Package scout is the agent itself: the life of a job from captured to gone.
// It joins the packages that know only their own part: the printer on
// loopback, the vault, the delivery, the link to the server and the local
// API.
//
// It owns the states of a job (docs/job-states.md), the decision whether an
// order is carried out, and what is kept of both across restarts. It knows no
// wire format and no cryptography.
package scout
