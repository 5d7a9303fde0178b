package raw

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

const config = "@PJL INFO CONFIG\r\nIN TRAYS [2 ENUMERATED]\r\n\tINTRAY1 MP\r\n\tINTRAY2 PC\r\nLANGUAGES [3 ENUMERATED]\r\n\tPCL\r\n\tPCLXL\r\n\tPOSTSCRIPT\r\nUSTATUS [4 ENUMERATED]\r\n\tDEVICE\r\nMEMORY=67108864\r\n\f"

// echo answers the ECHO of a question that begins so, whatever its token is.
func (p *peer) echo(prefix string) {
	var rest string
	p.while(func() bool {
		_, rest, _ = strings.Cut(string(p.got), "@PJL ECHO "+prefix)
		return !strings.Contains(rest, "\r\n")
	})
	text, _, _ := strings.Cut(rest, "\r\n")
	p.say("@PJL ECHO %s%s\r\n\f", prefix, text)
}

func TestAsk(t *testing.T) {
	for name, c := range map[string]struct {
		script func(*peer)
		want   Answer
	}{
		"all": {func(p *peer) {
			p.echo("ps-")
			p.say("@PJL INFO ID\r\n\"HP LaserJet\x1b 4250\"\r\n\f" + config + "@PJL INFO STATUS\r\nCODE=10001\r\nDISPLAY=\"Ready\"\r\nONLINE=TRUE\r\n\f")
			p.echo("end-ps-")
			p.all()
		}, Answer{PJL: true, ID: "HP LaserJet 4250", Status: "Ready", Languages: []string{"PCL", "PCLXL", "POSTSCRIPT"}}},
		"little":  {func(p *peer) { p.echo("ps-"); p.say("@PJL INFO ID\r\n?\r\n\f"); p.echo("end-ps-"); p.all() }, Answer{PJL: true, ID: "?"}},
		"closes":  {func(p *peer) { p.until("\r\n" + uel) }, Answer{}},
		"resets":  {func(p *peer) { p.until("\r\n" + uel); p.reset() }, Answer{}},
		"silent":  {func(p *peer) { p.all() }, Answer{}},
		"babble":  {func(p *peer) { p.say("%s", randomContent(2<<20)); p.all() }, Answer{}},
		"foreign": {func(p *peer) { p.say("@PJL ECHO ps-00000000x\r\n\f@PJL ECHO end-\r\n\f"); p.all() }, Answer{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if slices.Contains([]string{"silent", "babble", "foreign"}, name) {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Second)
				defer cancel()
			}
			conn, _ := startPeer(t, c.script)
			got, err := Ask(ctx, conn)
			if err != nil || got.PJL != c.want.PJL || got.ID != c.want.ID || got.Status != c.want.Status || !slices.Equal(got.Languages, c.want.Languages) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestAskIsCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	conn, _ := startPeer(t, func(p *peer) { p.until("\r\n" + uel); cancel(); p.all() })
	if _, err := Ask(ctx, conn); err == nil {
		t.Error("no error")
	}
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		id    string
		names []string
		want  string
		pjl   bool
	}{
		{"", nil, "", false},
		{"HP LaserJet 4250", nil, "", false},
		{"MFG:Hewlett-Packard;CMD:PJL,PML,PCLXL,POSTSCRIPT,PCL;MDL:HP LaserJet 4250;CLS:PRINTER;", nil,
			"application/vnd.hp-pclxl application/postscript application/vnd.hp-pcl", true},
		{"MANUFACTURER:X;COMMAND SET: PCL 5e, PCL 6, PDF17,URF,PWGRaster,JPEG,PostScript-3;", nil,
			"application/vnd.hp-pcl application/vnd.hp-pclxl application/pdf image/urf image/pwg-raster image/jpeg application/postscript", false},
		{"CMD:HBP,GDI,PDFX,ZJS;", nil, "", false},
		{"CMD:PCL;", []string{"langPCL", "langPJL", "langPS", "langPDF", "langAutomatic"}, "application/vnd.hp-pcl application/postscript application/pdf", true},
	} {
		got, pjl := Formats(c.id, c.names)
		if strings.Join(got, " ") != c.want || pjl != c.pjl {
			t.Errorf("%q %q: %q, %v", c.id, c.names, got, pjl)
		}
	}
}

func TestLanguage(t *testing.T) {
	for format, want := range map[string]string{
		"application/pdf": "PDF", "Application/PostScript": "POSTSCRIPT", "application/vnd.hp-pcl": "PCL", "application/vnd.hp-pclxl": "PCLXL",
		"image/urf": "", "application/octet-stream": "", "": "",
	} {
		if got := Language(format); got != want {
			t.Errorf("%s: %q", format, got)
		}
	}
	for _, l := range languageFormats {
		if !languagePattern.MatchString(l.pjl) {
			t.Errorf("%s cannot be entered", l.pjl)
		}
	}
}

// FuzzAnswer hears anything as the answer to a question.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(config + "@PJL INFO ID\r\n\"X\"\r\n\f@PJL ECHO " + token + "\r\n\f"))
	f.Add([]byte("@PJL INFO CONFIG\nLANGUAGES [\n" + strings.Repeat("x y\n", 600) + "\f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		q := pjlQuestion{token: token}
		p := pjlParser{onReply: q.handleReply}
		p.parsePiece(b)
		p.endReply()
		if len(q.answer.ID) > maxID || len(q.answer.Status) > maxWords || len(q.answer.Languages) > maxLanguages {
			t.Errorf("%+v", q.answer)
		}
		Formats(q.answer.ID, q.answer.Languages)
	})
}
