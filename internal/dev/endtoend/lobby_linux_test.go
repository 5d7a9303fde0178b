//go:build !race

package endtoend

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/printscout/printscout/delivery/simprinter"
)

// lobbyVariable is a printer that other machines reach; its folder. TLS is at the
// port of ipps.
const lobbyVariable = "ENDTOEND_LOBBY"

func init() { roles[lobbyVariable] = serveLobby }

// serveLobby passes on to a printer made of software, which listens on loopback.
func serveLobby(dir string) int {
	p, err := simprinter.Start(simprinter.Config{Dir: filepath.Join(dir, "out")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	l, err := net.Listen("tcp", ":631")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	to := strings.TrimSuffix(strings.TrimPrefix(p.URI(), "ipps://"), "/ipp/print")
	for {
		c, err := l.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		go passOn(c, to)
	}
}

func passOn(c net.Conn, to string) {
	defer c.Close()
	d, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer d.Close()
	go func() {
		io.Copy(d, c)
		d.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(c, d)
}
