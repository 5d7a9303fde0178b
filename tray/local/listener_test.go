package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/user"
	"testing"
)

// TestOnlyTheAccountsConnectionsAreLetThrough has a kernel that says what the
// test wants.
func TestOnlyTheAccountsConnectionsAreLetThrough(t *testing.T) {
	for name, x := range map[string]struct {
		uid string
		err error
		let bool
	}{
		"own": {"1000", nil, true}, "another": {"1001", nil, false}, "root": {"0", nil, false},
		"unknown": {"", nil, false}, "own, but not certain": {"1000", errors.New("gone"), false},
	} {
		t.Run(name, func(t *testing.T) {
			inner, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			l := newOwnListener(inner, "1000", func(context.Context, net.Conn) (string, error) { return x.uid, x.err })
			defer l.Close()
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			let := make(chan bool, 1)
			go func() {
				s, err := l.Accept()
				if err == nil {
					fmt.Fprintln(s, "let")
					s.Close()
				}
				let <- err == nil
			}()
			line, err := bufio.NewReader(c).ReadString('\n')
			if x.let != (err == nil && line == "let\n") {
				t.Errorf("it reads %q, %v", line, err)
			}
			l.Close()
			if <-let != x.let {
				t.Errorf("let through: %v", !x.let)
			}
		})
	}
}

// TestAListenerThatIsClosedLeavesNothing closes one while connections wait for
// the kernel's answer and for a taker.
func TestAListenerThatIsClosedLeavesNothing(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 2*lookups)
	l := newOwnListener(inner, "1", func(ctx context.Context, c net.Conn) (string, error) {
		asked <- struct{}{}
		if len(asked)%2 == 0 {
			<-ctx.Done()
		}
		return "1", nil
	})
	for range lookups {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	for range lookups {
		<-asked
	}
	l.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed one: %v", err)
	}
}

func TestWeAreWhoTheKernelSays(t *testing.T) {
	l, err := listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if l.uid != u.Uid || l.account != u.Username {
		t.Errorf("the kernel says %s, %s; we are %s, %s", l.uid, l.account, u.Uid, u.Username)
	}
	if host, _, _ := net.SplitHostPort(l.Addr().String()); host != "127.0.0.1" {
		t.Errorf("it listens at %s", l.Addr())
	}
}

// strangerVariable makes a run of the test binary somebody else's browser: it
// asks for the address and says what came.
const strangerVariable = "PRINTSCOUT_TEST_STRANGER"

func beStranger(address string) int {
	resp, err := http.Get(address)
	if err != nil {
		fmt.Printf("nothing: %v\n", err)
		return 0
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Printf("status %d, %d bytes, %v\n", resp.StatusCode, len(body), err)
	return 0
}
