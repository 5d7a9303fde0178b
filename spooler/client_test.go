package spooler

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

// fakeKernel tells a printer about its clients.
type fakeKernel struct {
	client atomic.Pointer[Client] // nil: not known
	asked  atomic.Int32
}

func (k *fakeKernel) identify(_ context.Context, local, remote netip.AddrPort) (Client, error) {
	k.asked.Add(1)
	c := k.client.Load()
	if c == nil || !local.Addr().IsLoopback() || !remote.Addr().IsLoopback() {
		return Client{}, errors.New("unknown")
	}
	return *c, nil
}

// setClient makes all further connections those of one client.
func (k *fakeKernel) setClient(r *testPrinter, c *Client) {
	k.client.Store(c)
	r.client.HTTP.CloseIdleConnections()
}

func startKnowing(t *testing.T, change ...func(*Config)) (*testPrinter, *fakeKernel) {
	k := new(fakeKernel)
	return startPrinter(t, append(change, func(c *Config) { c.Identify = k.identify })...), k
}

func (r *testPrinter) printAs(name string) int {
	r.Helper()
	m := ipp.NewRequest(ipp.Version20, goipp.OpPrintJob, r.client.URI)
	m.Operation.Add(ipp.Name("requesting-user-name", name))
	m.Operation.Add(ipp.Name("job-name", "secret title"))
	id, _ := ipp.Int(r.mustDo(goipp.StatusOk, m, threePages()...).Job, "job-id")
	return id
}

func TestTheKernelNamesTheUser(t *testing.T) {
	r, k := startKnowing(t)
	for _, c := range []struct {
		client Client
		claim  string
		user   string
		from   Source
	}{
		{Client{Name: "alice"}, "alice", "alice", FromKernel},
		{Client{Name: "mallory"}, "alice", "mallory", FromKernel},
		{Client{Name: "root", Spooler: true}, "alice", "alice", FromSpooler},
		{Client{Name: "root", Spooler: true}, "root", "root", FromKernel},
		{Client{Name: "root", Spooler: true}, "", "anonymous", FromSpooler},
		{Client{Name: "root", Vouches: true}, "alice", "alice", FromKernel},
		{Client{Name: "root", Vouches: true}, "", "root", FromKernel},
	} {
		k.setClient(r, &c.client)
		r.printAs(c.claim)
		r.intake.mu.Lock()
		got := r.intake.parked[len(r.intake.parked)-1].ticket
		r.intake.mu.Unlock()
		if got.User != c.user || got.Source != c.from {
			t.Errorf("%+v claiming %q is %q by the %s", c.client, c.claim, got.User, got.Source)
		}
	}
}

func TestWithoutTheKernelNamesAreClaims(t *testing.T) {
	r := startPrinter(t)
	r.printAs("alice")
	if got := r.intake.onlyParked(t).ticket; got.User != "alice" || got.Source != Claimed {
		t.Errorf("%q by %s", got.User, got.Source)
	}
}

func TestUnknownClientMayOnlyAskForThePrinter(t *testing.T) {
	r, k := startKnowing(t)
	k.setClient(r, &Client{Name: "alice"})
	id := r.printAs("alice")
	k.setClient(r, nil)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes))
	r.mustDo(goipp.StatusErrorForbidden, r.newRequest(goipp.OpPrintJob), threePages()...)
	for op, o := range operations {
		if !o.open && op != goipp.OpPrintJob && o.needs == nil {
			r.mustDo(goipp.StatusErrorForbidden, r.newRequest(op, ipp.Integer("job-id", id)))
		}
	}
	if n := len(r.intake.parked); n != 1 {
		t.Errorf("%d parked", n)
	}
}

// TestOthersJobsAreNotTold lets one user look for another's jobs with every
// operation on jobs, whatever name that user claims.
func TestOthersJobsAreNotTold(t *testing.T) {
	r, k := startKnowing(t)
	k.setClient(r, &Client{Name: "alice"})
	id := r.printAs("alice")
	create := r.newRequest(goipp.OpCreateJob)
	open, _ := ipp.Int(r.mustDo(goipp.StatusOk, create).Job, "job-id")

	k.setClient(r, &Client{Name: "mallory"})
	claim := []goipp.Attribute{ipp.Name("requesting-user-name", "alice")}
	asAlice := func(op goipp.Op, attrs ...goipp.Attribute) *goipp.Message {
		m := ipp.NewRequest(ipp.Version20, op, r.client.URI)
		for _, a := range append(attrs, claim...) {
			m.Operation.Add(a)
		}
		return m
	}
	list := r.mustDo(goipp.StatusOk, asAlice(goipp.OpGetJobs, ipp.Keyword("which-jobs", "all"), ipp.Keyword("requested-attributes", "all")))
	one := r.mustDo(goipp.StatusOk, asAlice(goipp.OpGetJobAttributes, ipp.Integer("job-id", id)))
	for _, m := range []*goipp.Message{list, one} {
		for _, g := range m.Groups {
			for _, name := range []string{"job-name", "job-originating-user-name", "document-format-supplied", "copies"} {
				if _, found := ipp.Find(g.Attrs, name); g.Tag == goipp.TagJobGroup && found {
					t.Errorf("%s is told", name)
				}
			}
		}
	}
	if got, ok := ipp.Int(one.Job, "job-state"); !ok || got != ipp.JobCompleted {
		t.Errorf("job-state %d", got)
	}
	mine := r.mustDo(goipp.StatusOk, asAlice(goipp.OpGetJobs, ipp.Keyword("which-jobs", "all"), ipp.Boolean("my-jobs", true)))
	if len(mine.Job) != 0 {
		t.Errorf("my jobs are %v", mine.Job)
	}
	for _, op := range []goipp.Op{goipp.OpGetDocuments, goipp.OpCancelJob, goipp.OpCloseJob} {
		r.mustDo(goipp.StatusErrorNotAuthorized, asAlice(op, ipp.Integer("job-id", open)))
	}
	r.mustDo(goipp.StatusErrorNotAuthorized, asAlice(goipp.OpSendDocument, ipp.Integer("job-id", open), ipp.Boolean("last-document", true)), threePages()...)
	r.mustDo(goipp.StatusOk, asAlice(goipp.OpCancelMyJobs))
	k.setClient(r, &Client{Name: "alice"})
	r.wantState(open, ipp.JobPending, "job-incoming")
}

func TestTheKernelIsAskedOnceAConnection(t *testing.T) {
	r, k := startKnowing(t)
	k.setClient(r, &Client{Name: "alice"})
	for range 5 {
		r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobs))
	}
	if n := k.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// TestOneUserCannotTakeAllRequests lets mallory begin requests and not end
// them; alice prints all the while.
func TestOneUserCannotTakeAllRequests(t *testing.T) {
	k := new(fakeKernel)
	r := startPrinter(t, func(c *Config) { c.Identify, c.Limits.UserAtOnce = k.identify, 3 })
	half := bytesOf(t, r.newRequest(goipp.OpPrintJob))[:20]
	for name, c := range map[string]*Client{"mallory": {Name: "mallory", Account: "666"}, "unknown": nil} {
		t.Run(name, func(t *testing.T) {
			k.setClient(r, c)
			for range 3 {
				defer r.beginPrintJob("Content-Length: 1000", half).Close()
			}
			peers.Await(t, "the requests came", func() bool { return r.inHand(c) == 3 })
			for range 5 {
				if got := r.sendRaw(r.postRequest("POST /ipp/print HTTP/1.1", nil)); got.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("one more: %s", got.Status)
				}
			}
			k.setClient(r, &Client{Name: "alice", Account: "1"})
			r.printAs("alice")
			k.setClient(r, &Client{Name: "lp", Account: "7", Spooler: true})
			r.printAs("alice")
		})
		peers.Await(t, "they are over", func() bool { return r.inHand(c) == 0 })
		if k.setClient(r, c); c != nil {
			r.printAs("mallory")
		}
	}
}

// TestListingsOnTheirWayAreBounded: one account's lists that are not read do
// not fill the memory, and keep no other account from its lists.
func TestListingsOnTheirWayAreBounded(t *testing.T) {
	k := new(fakeKernel)
	r := startPrinter(t, func(c *Config) { c.Identify, c.Limits.ListingsAtOnce = k.identify, 2 })
	k.setClient(r, &Client{Name: "mallory", Account: "666"})
	var held []func()
	for range 2 {
		done, ok := r.p.listings.BeginRequest("666")
		if !ok {
			t.Fatal("not two")
		}
		held = append(held, done)
	}
	r.mustDo(goipp.StatusErrorBusy, r.newRequest(goipp.OpGetJobs))
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes))
	k.setClient(r, &Client{Name: "alice", Account: "1"})
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobs))
	k.setClient(r, &Client{Name: "lp", Account: "666", Spooler: true})
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobs))
	k.setClient(r, &Client{Name: "mallory", Account: "666"})
	held[0]()
	for range 5 {
		r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobs))
	}
	held[1]()
	peers.Await(t, "none is on its way", func() bool { return r.p.listings.InHand("666") == 0 })
}

func (r *testPrinter) inHand(c *Client) int {
	if c == nil {
		return r.p.connections.InHand("")
	}
	return r.p.connections.InHand(c.Account)
}
