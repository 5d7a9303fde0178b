package delivery_test

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/delivery"
)

// pjlPrinter answers the questions of one connection, and says where it is.
func pjlPrinter(t *testing.T, answers map[string]string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for in := bufio.NewScanner(c); in.Scan(); {
			question := strings.TrimPrefix(in.Text(), "@PJL ")
			if strings.HasPrefix(question, "ECHO ") && answers != nil {
				fmt.Fprintf(c, "%s\r\n\f", in.Text())
			}
			if a := answers[question]; a != "" {
				fmt.Fprintf(c, "@PJL %s\r\n%s\r\n\f", question, a)
			}
		}
	}()
	return "socket://" + l.Addr().String()
}

func TestInspectRaw(t *testing.T) {
	d := delivery.New(delivery.Config{Timeouts: testLimits()})
	for name, c := range map[string]struct {
		answers map[string]string
		formats []string
		id      string
	}{
		"languages": {map[string]string{"INFO ID": `"LASERJET 4250"`, "INFO CONFIG": "LANGUAGES [2 ENUMERATED]\r\n\tPCL\r\n\tPDF\r\nMEMORY=1"},
			[]string{"application/vnd.hp-pcl", "application/pdf"}, "LASERJET 4250"},
		"device id": {map[string]string{"INFO ID": `"MFG:X;CMD:PJL,PCLXL;"`}, []string{"application/vnd.hp-pclxl"}, "MFG:X;CMD:PJL,PCLXL;"},
		"little":    {map[string]string{}, nil, ""},
	} {
		uri := pjlPrinter(t, c.answers)
		id, err := d.InspectRaw(t.Context(), uri)
		if err != nil || id.URI != uri || !id.PJL || id.ID != c.id || !slices.Equal(id.Formats, c.formats) {
			t.Errorf("%s: %+v, %v", name, id, err)
		}
	}
}

func TestInspectRawWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	short := testLimits()
	short.Answer /= 5
	id, err := delivery.New(delivery.Config{Timeouts: short}).InspectRaw(t.Context(), pjlPrinter(t, nil))
	if err != nil || id.PJL || len(id.Formats) > 0 {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestInspectRawFailsClearly(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := "socket://" + l.Addr().String()
	l.Close()
	d := delivery.New(delivery.Config{Timeouts: testLimits()})
	for uri, want := range map[string]string{
		gone:                          "refused",
		"ipp://127.0.0.1/":            "not a printer address",
		"socket:///":                  "not a printer address",
		"socket://u@127.0.0.1":        "not a printer address",
		"socket://127.0.0.1:9100/out": "not a printer address",
		"socket://127.0.0.1:nine":     "not a printer address",
	} {
		if _, err := d.InspectRaw(t.Context(), uri); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", uri, err)
		}
	}
}
