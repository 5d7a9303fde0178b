package simprinter

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Agent is the SNMP agent of a printer made of software. It knows SNMPv1, v2c
// and v3, answers GET, GETNEXT and GETBULK, and takes no SET.
type Agent struct {
	config  AgentConfig
	conn    *net.UDPConn
	users   []*agentUser
	started time.Time
	serving sync.WaitGroup
	closing chan struct{}
	closed  sync.Once

	mu       sync.Mutex
	objects  agentObjects
	temper   Temper
	requests int
}

// AgentConfig configures an agent. The zero value answers versions 1 and 2c,
// community public, as a color printer that is idle.
type AgentConfig struct {
	Community string // of versions 1 and 2c; public
	// V1 and V2c say which versions are answered; with neither and no users,
	// both.
	V1, V2c bool
	Users   []AgentUser // of version 3
	// Context is the one in which version 3 shows the objects; empty is any.
	Context string
	Temper  Temper
	Delay   time.Duration // how late TemperSlow answers; a second
	Printer AgentPrinter
	// Objects replace or add objects, as Agent.Set does.
	Objects map[string]any
}

// Temper is how an agent behaves.
type Temper string

// Tempers.
const (
	TemperOK        Temper = ""
	TemperSilent    Temper = "silent"    // never answers
	TemperSlow      Temper = "slow"      // answers late
	TemperRefuse    Temper = "refuse"    // answers authorizationError
	TemperGarbage   Temper = "garbage"   // answers with bytes that are not SNMP
	TemperTooBig    Temper = "toobig"    // answers tooBig to more than four objects
	TemperTruncated Temper = "truncated" // sends the first half of its answers
	TemperWrongID   Temper = "wrong-id"  // answers another request
	TemperGenErr    Temper = "generr"    // answers genErr to whatever asks for the display or for units of supplies
)

// StartAgent starts an agent on a free port of 127.0.0.1.
func StartAgent(c AgentConfig) (*Agent, error) {
	c.Community = cmp.Or(c.Community, "public")
	c.Delay = cmp.Or(c.Delay, time.Second)
	if !c.V1 && !c.V2c && len(c.Users) == 0 {
		c.V1, c.V2c = true, true
	}
	a := &Agent{config: c, temper: c.Temper, started: time.Now(), closing: make(chan struct{})}
	if err := a.prepareObjects(); err != nil {
		return nil, err
	}
	var err error
	if a.conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		return nil, fmt.Errorf("listening for snmp: %w", err)
	}
	a.serving.Go(a.serveDatagrams)
	return a, nil
}

func (a *Agent) prepareObjects() error {
	for _, u := range a.config.Users {
		user, err := newAgentUser(u)
		if err != nil {
			return err
		}
		a.users = append(a.users, user)
	}
	if err := a.SetPrinter(a.config.Printer); err != nil {
		return err
	}
	for name, value := range a.config.Objects {
		if err := a.Set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// Port returns the port of 127.0.0.1 that the agent listens on.
func (a *Agent) Port() int { return a.conn.LocalAddr().(*net.UDPAddr).Port }

// Close stops the agent and waits for it. A second Close does nothing.
func (a *Agent) Close() error {
	var err error
	a.closed.Do(func() {
		close(a.closing)
		err = a.conn.Close()
		a.serving.Wait()
	})
	return err
}

// Set replaces or adds an object: an int, a string, a []byte, a Counter, Ticks
// or an ObjectID. nil removes it.
func (a *Agent) Set(oid string, value any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.objects.setObject(oid, value)
}

// SetPrinter replaces all objects by those of a printer.
func (a *Agent) SetPrinter(p AgentPrinter) error {
	all, err := p.buildObjects()
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.objects = all
	return nil
}

// SetTemper changes how the agent behaves from now on.
func (a *Agent) SetTemper(t Temper) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.temper = t
}

// Requests returns how many datagrams have come.
func (a *Agent) Requests() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests
}

func (a *Agent) serveDatagrams() {
	b := make([]byte, 64<<10)
	for {
		n, from, err := a.conn.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // of one datagram
		}
		if reply := a.replyTo(b[:n]); reply != nil && a.waitDelay() {
			_, _ = a.conn.WriteToUDPAddrPort(reply, from)
		}
	}
}

func (a *Agent) replyTo(b []byte) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests++
	switch a.temper {
	case TemperSilent:
		return nil
	case TemperGarbage:
		return []byte("\x30\x82\xff\xffno snmp at all")
	}
	reply := a.answerDatagram(b)
	if a.temper == TemperTruncated {
		return reply[:len(reply)/2]
	}
	return reply
}

// waitDelay waits if the agent is slow, and returns false if the agent is
// closed meanwhile.
func (a *Agent) waitDelay() bool {
	a.mu.Lock()
	slow := a.temper == TemperSlow
	a.mu.Unlock()
	if !slow {
		return true
	}
	late := time.NewTimer(a.config.Delay)
	defer late.Stop()
	select {
	case <-late.C:
		return true
	case <-a.closing:
		return false
	}
}
