package control

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// errBusy refuses what is over an account's allowance.
var errBusy = &Error{CodeBusy, "too many requests of this account are open at the agent", "end some of them, or try again in a moment"}

// refuse ends a connection there is no room for, after its client was told so,
// if that can be done at once.
func (a *admission) refuse(c net.Conn) {
	select {
	case a.refusing <- struct{}{}:
	default:
		c.Close()
		return
	}
	a.unfinished.Go(func() {
		defer func() { <-a.refusing }()
		defer c.Close()
		answerBusy(c)
	})
}

// answerBusy reads the head of a request, so that its client waits for an
// answer, and gives one.
func answerBusy(c net.Conn) {
	if c.SetDeadline(time.Now().Add(refusalTime)) != nil {
		return
	}
	const enough = 4 << 10
	if _, err := http.ReadRequest(bufio.NewReader(io.LimitReader(c, enough))); err != nil {
		return
	}
	body, err := json.Marshal(errBusy)
	if err != nil {
		return
	}
	fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		statuses[CodeBusy], http.StatusText(statuses[CodeBusy]), len(body), body)
}
