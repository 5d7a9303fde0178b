package raw

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/outcome"
)

func TestBareStreamIsTheDocumentAndNothingElse(t *testing.T) {
	for _, size := range []int{1, 5, lookSize - 1, lookSize, lookSize + 1, 200_000} {
		doc := randomContent(size)
		conn, wait := startPeer(t, (*peer).all)
		var h hookCalls
		job := jobOf(doc, false)
		job.Token, job.Sides, job.Copies = "", "two-sided-long-edge", 1
		r := Send(t.Context(), conn, job, patient, h.hooks())
		checkSensible(t, r, &h, size)
		if r.Err != nil || r.Level != outcome.RawClosed || !r.Whole {
			t.Errorf("%d bytes: %+v", size, r)
		}
		if p := wait(); !bytes.Equal(p.got, doc) || !errors.Is(p.err, io.EOF) {
			t.Errorf("%d bytes became %d, %v", size, len(p.got), p.err)
		}
	}
}

func TestBareStreamOfADocumentInPJL(t *testing.T) {
	doc := []byte(uel + "@PJL JOB NAME=\"x\"\r\n@PJL ENTER LANGUAGE=PCL\r\n\x1bEhello\x1bE" + uel)
	conn, wait := startPeer(t, (*peer).all)
	if r := Send(t.Context(), conn, jobOf(doc, false), patient, Hooks{}); r.Err != nil {
		t.Error(r.Err)
	}
	if p := wait(); !bytes.Equal(p.got, doc) {
		t.Errorf("became %q", p.got)
	}
}

func TestWholeConversation(t *testing.T) {
	doc := randomContent(100_000)
	conn, wait := startPeer(t, func(p *peer) {
		p.until("@PJL ECHO " + token + "\r\n")
		p.say("@PJL USTATUSOFF\r\n?\r\n\f" + sayEcho)
		p.until("ENTER LANGUAGE=PDF\r\n")
		p.say(sayStart)
		p.trailer()
		p.say(sayEndEcho+foreignEnd+sayEnd, "OK")
		p.all()
	})
	var h hookCalls
	job := jobOf(doc, true)
	job.Title, job.Copies, job.Sides, job.Media = "Büro \"1\"\r\n@PJL FSDELETE", 3, "two-sided-short-edge", "iso_a4_210x297mm"
	job.Color, job.Resolution = "monochrome", 600
	r := Send(t.Context(), conn, job, patient, h.hooks())
	checkSensible(t, r, &h, len(doc))
	if r.Err != nil || r.Level != outcome.RawOut || r.Ended != EndedOK || r.Pages == nil || *r.Pages != 3 || h.sent != 1 {
		t.Errorf("%+v", r)
	}
	for _, want := range []string{"All 100000 bytes", "answers to PJL", "began the job", "its ECHO came back", "ended: OK, 3 pages", "acknowledged all bytes"} {
		if !strings.Contains(strings.Join(r.Evidence, "\n"), want) {
			t.Errorf("no word of %q: %q", want, r.Evidence)
		}
	}
	want := uel + "@PJL\r\n" +
		"@PJL USTATUSOFF\r\n" +
		"@PJL ECHO " + token + "\r\n" +
		"@PJL USTATUS JOB=ON\r\n" +
		"@PJL USTATUS DEVICE=ON\r\n" +
		"@PJL JOB NAME=\"" + token + "\"\r\n" +
		"@PJL SET JOBNAME=\"B__ro _1___@PJL FSDELETE\"\r\n" +
		"@PJL SET USERNAME=\"erika\"\r\n" +
		"@PJL SET QTY=3\r\n" +
		"@PJL SET DUPLEX=ON\r\n" +
		"@PJL SET BINDING=SHORTEDGE\r\n" +
		"@PJL SET PAPER=A4\r\n" +
		"@PJL SET RESOLUTION=600\r\n" +
		"@PJL SET RENDERMODE=GRAYSCALE\r\n" +
		"@PJL ENTER LANGUAGE=PDF\r\n" +
		string(doc) +
		uel + "@PJL EOJ NAME=\"" + token + "\"\r\n" +
		"@PJL ECHO end-" + token + "\r\n" + uel +
		uel + "@PJL USTATUSOFF\r\n" + uel
	if p := wait(); string(p.got) != strings.Replace(want, "B__ro", "B_ro", 1) {
		got := strings.Replace(string(p.got), string(doc), "DOCUMENT", 1)
		t.Errorf("on the wire: %q", got[:min(len(got), 2000)])
	}
}

// TestEvidence is the tables of docs/raw.md, Evidence and Result.
func TestEvidence(t *testing.T) {
	short := Limits{Write: long, Reply: 200 * time.Millisecond, Close: long}
	shortest := Limits{Write: long, Reply: 200 * time.Millisecond, Close: 200 * time.Millisecond}
	for name, c := range map[string]struct {
		limits Limits
		script func(context.Context, *peer)
		level  string
		ended  string
		err    func(error) bool
	}{
		"no answer, closes":                             {short, func(_ context.Context, p *peer) { p.all() }, outcome.RawClosed, "", nil},
		"no answer, closes at once behind the document": {patient, func(_ context.Context, p *peer) { p.trailer() }, outcome.RawClosed, "", nil},
		"echo alone":                                    {patient, func(_ context.Context, p *peer) { p.trailer(); p.say(sayEndEcho); p.all() }, outcome.RawRead, "", nil},
		"echo, not closed":                              {Limits{Write: long, Reply: long, Close: 200 * time.Millisecond}, func(ctx context.Context, p *peer) { p.trailer(); p.say(sayEndEcho); p.all(); p.hold(ctx) }, outcome.RawRead, "", nil},
		"echo, then reset": {patient, func(_ context.Context, p *peer) {
			p.trailer()
			p.say(sayEndEcho)
			p.until("USTATUSOFF\r\n" + uel[:1])
			p.until(farewell)
			p.reset()
		}, outcome.RawRead, "", nil},
		"out": {patient, func(_ context.Context, p *peer) {
			p.say(sayStart)
			p.trailer()
			p.say(sayEndEcho+sayEnd, "OK")
			p.all()
		}, outcome.RawOut, EndedOK, nil},
		"out, no echo":    {patient, func(_ context.Context, p *peer) { p.trailer(); p.say(sayEnd, "OK"); p.all() }, outcome.RawOut, EndedOK, nil},
		"out, then reset": {patient, func(_ context.Context, p *peer) { p.trailer(); p.say(sayEnd, "OK"); p.until(farewell); p.reset() }, outcome.RawOut, EndedOK, nil},
		"end by parts": {patient, func(_ context.Context, p *peer) {
			p.trailer()
			oneByOne(p, sayStart+sayEndEcho+strings.Replace(sayEnd, "%s", "OK", 1))
			p.all()
		}, outcome.RawOut, EndedOK, nil},
		"other line ends": {patient, func(_ context.Context, p *peer) {
			p.trailer()
			p.say("@pjl ustatus job\nend\nname = \"%s\"\nresult = ok\n\f", token)
			p.all()
		}, outcome.RawOut, EndedOK, nil},
		"canceled at the panel": {patient, func(_ context.Context, p *peer) { p.trailer(); p.say(sayEnd, "USER_CANCELED"); p.all() }, outcome.RawRead, EndedUser, nil},
		"no paper, given up":    {patient, func(_ context.Context, p *peer) { p.trailer(); p.say(sayEndEcho+sayEnd, "RESOURCE_CANCELED"); p.all() }, outcome.RawRead, EndedResource, nil},
		"end without a result": {patient, func(_ context.Context, p *peer) {
			p.trailer()
			p.say("@PJL USTATUS JOB\r\nEND\r\nNAME=\"" + token + "\"\r\n\f" + sayEndEcho)
			p.all()
		}, outcome.RawRead, "", nil},
		"begun, never ended": {short, func(_ context.Context, p *peer) { p.say(sayStart); p.trailer(); p.say(sayEndEcho); p.all() }, outcome.RawRead, "", nil},
		"foreign end": {short, func(_ context.Context, p *peer) {
			p.trailer()
			p.say(foreignEnd + namelessEnd + "@PJL ECHO end-ps-ffffffff\r\n\f")
			p.all()
		}, outcome.RawClosed, "", nil},
		"foreign end, then ours of a longer name": {short, func(_ context.Context, p *peer) {
			p.trailer()
			p.say(strings.ReplaceAll(sayEnd, token, token+"0"), "OK")
			p.all()
		}, outcome.RawClosed, "", nil},
		"out, and counted nothing": {patient, func(_ context.Context, p *peer) {
			p.trailer()
			p.say(sayStart+sayEndEcho+strings.Replace(sayEnd, "PAGES=3", "PAGES=0", 1), "OK")
			p.all()
		}, outcome.RawRead, EndedOK, nil},
		"a job within ours counted": {patient, func(_ context.Context, p *peer) {
			p.say(sayStart)
			p.trailer()
			p.say(foreignEnd+sayEndEcho+strings.Replace(sayEnd, "PAGES=3", "PAGES=0", 1), "OK")
			p.all()
		}, outcome.RawOut, EndedOK, nil},
		"another number": {short, func(_ context.Context, p *peer) {
			p.say("%s", strings.Replace(sayStart, "\r\n\f", "\r\nID=6\r\n\f", 1))
			p.trailer()
			p.say(sayEnd, "OK")
			p.all()
		}, outcome.RawClosed, "", nil},
		"no name and our number": {patient, func(_ context.Context, p *peer) {
			p.say("%s", strings.Replace(sayStart, "\r\n\f", "\r\nID=9\r\n\f", 1))
			p.trailer()
			p.say("@PJL USTATUS JOB\r\nEND\r\nID=8\r\nRESULT=OK\r\n\f@PJL USTATUS JOB\r\nEND\r\nID=9\r\nRESULT=USER_CANCELED\r\n\f")
			p.all()
		}, outcome.RawRead, EndedUser, nil},
		"another number, told last": {short, func(_ context.Context, p *peer) {
			p.say("%s", strings.Replace(sayStart, "\r\n\f", "\r\nID=6\r\n\f", 1))
			p.trailer()
			p.say("@PJL USTATUS JOB\r\nEND\r\nNAME=\"" + token + "\"\r\nRESULT=OK\r\nPAGES=3\r\nID=7\r\n\f")
			p.all()
		}, outcome.RawClosed, "", nil},
		"a word of its own": {patient, func(_ context.Context, p *peer) { p.trailer(); p.say(sayEnd, "Data_Error"); p.all() }, outcome.RawRead, "DATA_ERROR", nil},
		"half a line": {patient, func(_ context.Context, p *peer) {
			p.trailer()
			p.say("@PJL USTATUS JOB\r\nEND\r\nNAME=\"" + token + "\"\r\nRESULT=OK")
		}, outcome.RawRead, "", nil},
		"half an echo": {patient, func(_ context.Context, p *peer) { p.trailer(); p.say("@PJL ECHO end-" + token) }, outcome.RawClosed, "", nil},
		"garbage": {short, func(_ context.Context, p *peer) {
			p.say("%s", randomContent(maxHeard))
			p.trailer()
			p.say("%s", randomContent(2*maxHeard))
			p.all()
		}, outcome.RawClosed, "", nil},
		"garbage, then the truth": {patient, func(_ context.Context, p *peer) {
			p.trailer()
			p.say("\x00\xff%s\r\n@PJL\r\n?\f\f"+sayEnd, strings.Repeat("x", 5000), "OK")
			p.all()
		}, outcome.RawOut, EndedOK, nil},
		"reset behind the last byte": {patient, func(_ context.Context, p *peer) { p.trailer(); p.reset() }, outcome.RawTaken, "", func(err error) bool { return !errors.Is(err, ErrNotClosed) }},
		"never closes":               {shortest, func(ctx context.Context, p *peer) { p.all(); p.hold(ctx) }, outcome.RawTaken, "", func(err error) bool { return errors.Is(err, ErrNotClosed) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			over, cancel := context.WithCancel(context.Background())
			defer cancel()
			doc := randomContent(50_000)
			conn, _ := startPeer(t, func(p *peer) { c.script(over, p) })
			var h hookCalls
			r := Send(t.Context(), conn, jobOf(doc, true), c.limits, h.hooks())
			cancel()
			checkSensible(t, r, &h, len(doc))
			if r.Level != c.level || r.Ended != c.ended || (r.Err != nil) != (c.err != nil) || c.err != nil && !c.err(r.Err) {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestPagesBehindTheResult: the number of pages may come behind the result.
func TestPagesBehindTheResult(t *testing.T) {
	conn, _ := startPeer(t, func(p *peer) {
		p.say(sayStart)
		p.trailer()
		p.say(sayEndEcho + "@PJL USTATUS JOB\r\nEND\r\nNAME=\"" + token + "\"\r\nRESULT=OK\r\n")
		oneByOne(p, "PAGES=0\r\n\f")
		p.all()
	})
	r := Send(t.Context(), conn, jobOf(randomContent(50), true), patient, Hooks{})
	if r.Err != nil || r.Level != outcome.RawRead || r.Pages == nil || *r.Pages != 0 {
		t.Errorf("%+v", r)
	}
}

// TestWhatSpeaksAgainst is told beside the level.
func TestWhatSpeaksAgainst(t *testing.T) {
	const device = "@PJL USTATUS DEVICE\r\nCODE=%d\r\nDISPLAY=\"X\"\r\nONLINE=%s\r\n\f"
	ready := fmt.Sprintf(device, 10001, "TRUE")
	for name, c := range map[string]struct {
		said        string
		lost, waits bool
	}{
		"nothing":          {"", false, false},
		"ready":            {ready, false, false},
		"canceling":        {fmt.Sprintf(device, 10007, "TRUE") + ready, true, false},
		"out of memory":    {fmt.Sprintf(device, 20001, "FALSE") + ready, true, false},
		"too complex":      {fmt.Sprintf(device, 30017, "FALSE") + ready, true, false},
		"no such language": {fmt.Sprintf(device, 35037, "TRUE") + ready, true, false},
		"open":             {fmt.Sprintf(device, 40021, "FALSE"), false, true},
		"open, then shut":  {fmt.Sprintf(device, 40021, "FALSE") + ready, false, false},
		"out of paper":     {fmt.Sprintf(device, 41213, "FALSE"), false, true},
		"jam":              {fmt.Sprintf(device, 42010, "FALSE"), false, true},
		"fault":            {fmt.Sprintf(device, 50599, "FALSE"), false, true},
		"low on toner":     {fmt.Sprintf(device, 10006, "TRUE"), false, false},
	} {
		conn, _ := startPeer(t, func(p *peer) {
			p.trailer()
			p.say("%s", c.said)
			p.say(sayEnd, "OK")
			p.all()
		})
		r := Send(t.Context(), conn, jobOf(randomContent(50), true), patient, Hooks{})
		if r.Err != nil || r.Level != outcome.RawOut || (r.Lost != "") != c.lost || (r.Waits != "") != c.waits || r.Early {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func oneByOne(p *peer, s string) {
	for i := range len(s) {
		p.say("%s", s[i:i+1])
	}
}

func TestCanceledAtThePanelWhileItIsSent(t *testing.T) {
	over, cancel := context.WithCancel(context.Background())
	defer cancel()
	doc := randomContent(32 << 20)
	conn, wait := startPeer(t, func(p *peer) {
		p.bytes(100_000)
		p.say(sayEnd, "USER_CANCELED")
		p.hold(over) // a zero window: only the word itself can end the sending
		p.all()
	})
	var h hookCalls
	r := Send(t.Context(), conn, jobOf(doc, true), patient, h.hooks())
	checkSensible(t, r, &h, len(doc))
	if !errors.Is(r.Err, ErrEnded) || r.Ended != EndedUser || r.Whole || h.sent != 0 {
		t.Errorf("%+v", r)
	}
	cancel()
	if p := wait(); !isReset(p.err) {
		t.Errorf("half a document ended in order: %v", p.err)
	}
}

// haltingJob returns a job whose second half waits until something was heard.
func haltingJob(doc []byte, h *hookCalls) (Job, Hooks) {
	hooks, first := h.hooks(), make(chan struct{})
	tell, once := hooks.Heard, sync.Once{}
	hooks.Heard = func(s string) { tell(s); once.Do(func() { close(first) }) }
	job := jobOf(doc, true)
	job.Document = io.MultiReader(bytes.NewReader(doc[:len(doc)/2]), callOnRead(func() { <-first }), bytes.NewReader(doc[len(doc)/2:]))
	return job, hooks
}

const sayPaper = "@PJL USTATUS DEVICE\r\nCODE=41213\r\nDISPLAY=\"LOAD TRAY 2\x1b[2J A4\"\r\nONLINE=FALSE\r\n\f"

// TestEndBeforeTheEnd: a printer that calls a job well ended which is still
// being sent is not believed.
func TestEndBeforeTheEnd(t *testing.T) {
	doc := randomContent(50_000)
	conn, wait := startPeer(t, func(p *peer) {
		p.until("%PDF")
		p.say(sayEnd+sayPaper+"@PJL USTATUS DEVICE\r\nCODE=10001\r\n\f", "OK")
		p.all()
	})
	var h hookCalls
	job, hooks := haltingJob(doc, &h)
	r := Send(t.Context(), conn, job, Limits{Write: long, Reply: 200 * time.Millisecond, Close: long}, hooks)
	checkSensible(t, r, &h, len(doc))
	if r.Level != outcome.RawClosed || r.Ended != "" || r.Err != nil {
		t.Errorf("%+v", r)
	}
	if p := wait(); !bytes.Contains(p.got, doc) {
		t.Errorf("%d bytes came", len(p.got))
	}
}

func TestResetInTheMiddle(t *testing.T) {
	doc := randomContent(32 << 20)
	for _, pjl := range []bool{false, true} {
		for _, at := range []int{1, 5000, 1 << 20} {
			conn, _ := startPeer(t, func(p *peer) { p.bytes(at); p.reset() })
			var h hookCalls
			r := Send(t.Context(), conn, jobOf(doc, pjl), patient, h.hooks())
			checkSensible(t, r, &h, len(doc))
			if r.Err == nil || r.Whole || r.Bytes >= int64(len(doc)) || h.sent != 0 {
				t.Errorf("at %d: %+v", at, r)
			}
		}
	}
}

func TestPrinterThatTakesNothing(t *testing.T) {
	peers.Short(t, "a limit of seconds runs out")
	over, cancel := context.WithCancel(context.Background())
	defer cancel()
	conn, wait := startPeer(t, func(p *peer) { p.hold(over); p.all() })
	doc := randomContent(32 << 20)
	var h hookCalls
	r := Send(t.Context(), conn, jobOf(doc, false), Limits{Write: time.Second}, h.hooks())
	checkSensible(t, r, &h, len(doc))
	if !errors.Is(r.Err, ErrStalled) || r.Whole || r.Bytes == 0 {
		t.Errorf("%+v", r)
	}
	cancel()
	if p := wait(); !isReset(p.err) || len(p.got) >= len(doc) {
		t.Errorf("%d bytes, then %v", len(p.got), p.err)
	}
}

// tricklingConn is a connection whose writes end with their time, a few bytes on.
type tricklingConn struct{ net.Conn }

func (c tricklingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b[:min(len(b), 700)])
	if err == nil && n < len(b) {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

func TestAnyProgressIsProgress(t *testing.T) {
	doc := randomContent(300_000)
	conn, wait := startPeer(t, (*peer).all)
	r := Send(t.Context(), tricklingConn{conn}, jobOf(doc, false), Limits{Write: long, Close: 100 * time.Millisecond}, Hooks{})
	if !r.Whole || r.Bytes != int64(len(doc)) {
		t.Errorf("%+v", r)
	}
	if p := wait(); !bytes.Equal(p.got, doc) {
		t.Errorf("%d bytes came", len(p.got))
	}
}

func TestOneByteAtATime(t *testing.T) {
	doc := randomContent(20_000)
	conn, wait := startPeer(t, (*peer).all)
	_ = conn.(*net.TCPConn).SetNoDelay(false)
	job := jobOf(doc, false)
	job.Document = iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(doc)))
	if r := Send(t.Context(), conn, job, patient, Hooks{}); r.Err != nil || r.Level != outcome.RawClosed {
		t.Errorf("%+v", r)
	}
	if p := wait(); !bytes.Equal(p.got, doc) {
		t.Errorf("%d bytes came", len(p.got))
	}
}

func TestContextEnds(t *testing.T) {
	why := errors.New("the person changed their mind")
	for _, wait := range []bool{true, false} { // for the printer to take more
		ctx, end := context.WithCancelCause(t.Context())
		over, cancel := context.WithCancel(context.Background())
		defer cancel()
		conn, printed := startPeer(t, func(p *peer) {
			p.bytes(10_000)
			if wait {
				end(why)
				p.hold(over)
			}
			p.all()
		})
		doc := randomContent(64 << 20)
		job := jobOf(doc, true)
		if !wait {
			job.Document = io.MultiReader(bytes.NewReader(doc[:1<<20]), callOnRead(func() { end(why) }), bytes.NewReader(doc[1<<20:]))
		}
		var h hookCalls
		r := Send(ctx, conn, job, patient, h.hooks())
		checkSensible(t, r, &h, len(doc))
		if !errors.Is(r.Err, why) || r.Whole {
			t.Errorf("%+v", r)
		}
		cancel()
		if p := printed(); !isReset(p.err) {
			t.Errorf("half a document ended in order: %v", p.err)
		}
	}
}

// callOnRead gives nothing and calls f.
func callOnRead(f func()) io.Reader {
	return readerFunc(func([]byte) (int, error) { f(); return 0, io.EOF })
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestContextEndsWhenAllIsOut(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	doc := randomContent(50_000)
	conn, wait := startPeer(t, func(p *peer) { p.trailer(); end(); p.all() })
	var h hookCalls
	r := Send(ctx, conn, jobOf(doc, true), patient, h.hooks())
	checkSensible(t, r, &h, len(doc))
	// The printer closes in order when we do, and may be faster than the context.
	closed := r.Err == nil && r.Level == outcome.RawClosed
	if !closed && (!errors.Is(r.Err, context.Canceled) || r.Level != outcome.RawTaken) || !r.Whole {
		t.Errorf("%+v", r)
	}
	if p := wait(); !errors.Is(p.err, io.EOF) {
		t.Errorf("a whole document was reset: %v", p.err)
	}
}

func TestRefusedBeforeTheFirstByte(t *testing.T) {
	broken := errors.New("does not authenticate")
	for name, c := range map[string]struct {
		change func(*Job)
		want   error
	}{
		"copies, bare":     {func(j *Job) { j.PJL, j.Copies = false, 2 }, ErrCopies},
		"copies, own job":  {func(j *Job) { j.Copies = 2; setDocument(j, "@PJL JOB\r\n@PJL ENTER LANGUAGE=PCL\r\nx") }, ErrCopies},
		"copies, long own": {func(j *Job) { j.Copies = 2; setDocument(j, strings.Repeat("@PJL COMMENT x\r\n", 1000)) }, ErrCopies},
		"token":            {func(j *Job) { j.Token = "a\r\n@PJL" }, ErrJob},
		"no token":         {func(j *Job) { j.Token = "" }, ErrJob},
		"language":         {func(j *Job) { j.Language = "PCL\r\n@PJL RESET" }, ErrJob},
		"no document":      {func(j *Job) { j.Size, j.Document = 0, strings.NewReader("") }, ErrDocument},
		"unreadable":       {func(j *Job) { j.Document = iotest.ErrReader(broken) }, broken},
		"shorter at once":  {func(j *Job) { j.Size = 10; j.Document = strings.NewReader("short") }, io.ErrUnexpectedEOF},
	} {
		conn, wait := startPeer(t, (*peer).all)
		job := jobOf(randomContent(10_000), true)
		c.change(&job)
		var h hookCalls
		r := Send(t.Context(), conn, job, patient, h.hooks())
		checkSensible(t, r, &h, 0)
		if !errors.Is(r.Err, c.want) || r.Bytes != 0 {
			t.Errorf("%s: %+v", name, r)
		}
		if p := wait(); len(p.got) != 0 {
			t.Errorf("%s: %q went out", name, p.got)
		}
	}
}

func setDocument(j *Job, doc string) { j.Size, j.Document = int64(len(doc)), strings.NewReader(doc) }

func TestDocumentThatBreaks(t *testing.T) {
	doc, broken := randomContent(1<<20), errors.New("does not authenticate")
	for name, c := range map[string]struct {
		r    io.Reader
		want error
	}{
		"fails":   {io.MultiReader(bytes.NewReader(doc[:500_000]), iotest.ErrReader(broken)), broken},
		"shorter": {bytes.NewReader(doc[:len(doc)-1]), io.ErrUnexpectedEOF},
		"longer":  {io.MultiReader(bytes.NewReader(doc), strings.NewReader("x")), ErrDocument},
	} {
		for _, pjl := range []bool{false, true} {
			conn, wait := startPeer(t, (*peer).all)
			job := jobOf(doc, pjl)
			job.Document = c.r
			if pjl {
				job.Document = bytes.NewReader(doc[:len(doc)-1])
				c.want = io.ErrUnexpectedEOF
			}
			var h hookCalls
			r := Send(t.Context(), conn, job, patient, h.hooks())
			checkSensible(t, r, &h, len(doc))
			if !errors.Is(r.Err, ErrDocument) || !errors.Is(r.Err, c.want) || h.sent != 0 {
				t.Errorf("%s: %+v", name, r)
			}
			if p := wait(); !isReset(p.err) {
				t.Errorf("%s: ended in order", name)
			}
		}
	}
}

// TestPaperRunsOut: while the printer waits for a person, silence is not the end.
func TestPaperRunsOut(t *testing.T) {
	doc := randomContent(50_000)
	conn, _ := startPeer(t, func(p *peer) {
		p.say(sayStart + sayPaper)
		p.trailer()
		<-time.After(time.Second)
		p.say("@PJL USTATUS DEVICE\r\nCODE=10023\r\nDISPLAY=\"PRINTING\"\r\nONLINE=TRUE\r\n\f"+sayEnd, "OK")
		p.all()
	})
	var h hookCalls
	job, hooks := haltingJob(doc, &h)
	r := Send(t.Context(), conn, job, Limits{Write: long, Reply: 300 * time.Millisecond, Close: long}, hooks)
	checkSensible(t, r, &h, len(doc))
	if r.Level != outcome.RawOut {
		t.Errorf("%+v", r)
	}
	want := "Add paper: the printer shows “LOAD TRAY 2[2J A4” (code 41213).|The printer goes on."
	if got := strings.Join(h.lines, "|"); got != want {
		t.Errorf("heard %q", got)
	}
}

func TestLargeDocumentInSmallMemory(t *testing.T) {
	const size = 32 << 20
	doc := randomContent(size)
	sum := sha256.New()
	conn, wait := startPeer(t, func(p *peer) { _, p.err = io.Copy(sum, p.conn) })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := Send(t.Context(), conn, jobOf(doc, false), patient, Hooks{})
	runtime.ReadMemStats(&after)
	if wait(); r.Err != nil || !bytes.Equal(sum.Sum(nil), sumOf(doc)) {
		t.Errorf("%+v", r)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
		t.Errorf("%d bytes were allocated", grown)
	}
}

func sumOf(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}

// TestOthersJobsDoNotProlongTheWait for what is said of ours.
func TestOthersJobsDoNotProlongTheWait(t *testing.T) {
	over, cancel := context.WithCancel(context.Background())
	defer cancel()
	doc := randomContent(10_000)
	conn, _ := startPeer(t, func(p *peer) {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for over.Err() == nil {
			<-tick.C
			p.say(foreignEnd + "@PJL USTATUS DEVICE\r\nCODE=10023\r\nONLINE=TRUE\r\n\f")
		}
		p.all()
	})
	r := Send(t.Context(), conn, jobOf(doc, true), Limits{Write: long, Reply: 200 * time.Millisecond, Close: 200 * time.Millisecond}, Hooks{})
	if !errors.Is(r.Err, ErrNotClosed) || r.Level != outcome.RawTaken {
		t.Errorf("%+v", r)
	}
}
