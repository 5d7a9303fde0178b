package snmp

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/printscout/printscout/delivery/simprinter"
)

func TestACleanStatusIsOneQuestion(t *testing.T) {
	a := startAgent(t, simprinter.AgentConfig{Printer: simprinter.AgentPrinter{LifeCount: 4711}})
	r, k := mustLook(t, Access{Port: a.Port()}, nil, Steady)
	if a.Requests() != 1 || r.Exchanges != 1 || !r.Complete {
		t.Errorf("%d requests, report %+v", a.Requests(), r)
	}
	if r.Serial != "SOFT000001" || r.DeviceStatus != 2 || r.PrinterStatus != 3 || r.Console != "Ready" || r.Version != "2c" ||
		r.UpTime != 24*time.Hour || r.LifeCount == nil || *r.LifeCount != 4711 {
		t.Errorf("report %+v", r)
	}
	if k.Serial != r.Serial {
		t.Errorf("known %+v", k)
	}
}

// TestFullLookupsFindEverything with every version, in a few lookups, and
// then ask no more for what does not change.
func TestFullLookupsFindEverything(t *testing.T) {
	v2 := startAgentOK(t)
	_, v3 := startV3(t, simprinter.AgentConfig{})
	for name, a := range map[string]Access{"1": {Version: "1", Port: v2.Port()}, "2c": {Port: v2.Port()}, "3": v3} {
		var r Report
		var k *Known
		for n := 0; !r.Complete; n++ {
			if n == 5 {
				t.Fatalf("version %s: not complete after %d lookups: %+v", name, n, k)
			}
			r, k = mustLook(t, a, k, Full)
		}
		if r.Model != "Software Printer Color MFP 4000" || r.Name != "software-printer" || r.MAC != "02:00:5e:10:20:30" ||
			r.Location != "2nd floor, next to the kitchen" || r.Firmware != "2.41" || r.Version != name || !slices.Contains(r.Languages, "PDF") {
			t.Errorf("version %s: %+v", name, r)
		}
		if len(r.Supplies) != 9 {
			t.Fatalf("version %s: %d supplies", name, len(r.Supplies))
		}
		black, waste := r.Supplies[0], r.Supplies[4]
		if black.Name != "Black Toner Cartridge" || black.Max != 24000 || black.Level != 18100 || black.Percent == nil || *black.Percent != 75 || black.Receptacle {
			t.Errorf("version %s: %+v", name, black)
		}
		if !waste.Receptacle || waste.Name != "Waste Toner Box" {
			t.Errorf("version %s: %+v", name, waste)
		}
		again, _ := mustLook(t, a, k, Full)
		if again.Exchanges != 2 || again.MAC != r.MAC || len(again.Supplies) != 9 || again.Supplies[0].Name != black.Name {
			t.Errorf("version %s, warm: %+v", name, again)
		}
	}
}

func TestWhatIsKnownBelongsToOnePrinter(t *testing.T) {
	a := startAgentOK(t)
	access := Access{Port: a.Port()}
	for name, p := range map[string]simprinter.AgentPrinter{
		"another printer":       {Serial: "OTHER", Model: "Another", Supplies: []simprinter.AgentSupply{{Name: "Ink", Type: 5, Max: 100, Level: 3}}},
		"another configuration": {Changes: 1, Supplies: []simprinter.AgentSupply{{Name: "Ink", Type: 5, Max: 100, Level: 3}}},
	} {
		if err := a.SetPrinter(simprinter.AgentPrinter{}); err != nil {
			t.Fatal(err)
		}
		_, k := mustLook(t, access, nil, Full)
		if err := a.SetPrinter(p); err != nil {
			t.Fatal(err)
		}
		r, k := mustLook(t, access, k, Full)
		if len(r.Supplies) != 1 || r.Supplies[0].Name != "Ink" || *r.Supplies[0].Percent != 3 {
			t.Errorf("%s: %+v", name, r.Supplies)
		}
		if r.Complete || r.Model != "" {
			t.Errorf("%s: a model that was not asked: %+v", name, r)
		}
		for !r.Complete && r.Exchanges > 0 {
			r, k = mustLook(t, access, k, Full)
		}
		if want := cmp.Or(p.Model, "Software Printer Color MFP 4000"); r.Model != want || r.MAC == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestThePrinterMayBeAnotherDevice(t *testing.T) {
	a := startAgentOK(t)
	for _, name := range []string{
		hrDeviceDescr + ".1", hrDeviceStatus + ".1", hrStatus + ".1", hrErrorState + ".1", prtChanges + ".1", prtSerial + ".1",
		markerLifeCount + ".1.1", consoleText + ".1.1",
	} {
		if err := a.Set(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	setObject(t, a, hrDeviceType+".1", simprinter.ObjectID("1.3.6.1.2.1.25.3.1.4"))
	setObject(t, a, hrDeviceType+".5", simprinter.ObjectID(typePrinter))
	setObject(t, a, hrDeviceStatus+".5", 3)
	setObject(t, a, hrErrorState+".5", []byte{0x80})
	setObject(t, a, prtSerial+".5", "FIVE")
	access := Access{Port: a.Port()}
	r, k := mustLook(t, access, nil, Full)
	if k.Device != 5 || r.Serial != "FIVE" || !slices.Equal(r.Conditions, []Condition{LowPaper}) {
		t.Errorf("known %+v, report %+v", k, r)
	}
	if r, _ := mustLook(t, access, k, Steady); r.Serial != "FIVE" {
		t.Errorf("steady: %+v", r)
	}
}

func setObject(t *testing.T, a *simprinter.Agent, name string, value any) {
	t.Helper()
	if err := a.Set(name, value); err != nil {
		t.Fatal(err)
	}
}

func TestCountIsOneQuestion(t *testing.T) {
	c := simprinter.AgentConfig{Printer: simprinter.AgentPrinter{LifeCount: 99}}
	v2 := startAgent(t, c)
	v3, access := startV3(t, c)
	_, k := mustLook(t, access, nil, Steady)
	before := v3.Requests()
	for _, try := range []struct {
		a Access
		k *Known
	}{{Access{Port: v2.Port()}, nil}, {access, k}} {
		if n, err := countWithin(t.Context(), host, try.a, try.k, patient); err != nil || n != 99 {
			t.Errorf("version %s: %d, %v", try.a.Version, n, err)
		}
	}
	if v2.Requests() != 1 || v3.Requests() != before+1 {
		t.Errorf("%d and %d requests", v2.Requests(), v3.Requests()-before)
	}
	setObject(t, v2, markerLifeCount+".1.1", nil)
	if _, err := countWithin(t.Context(), host, Access{Port: v2.Port()}, nil, patient); !errors.Is(err, ErrNoPrinter) {
		t.Errorf("no counter: %v", err)
	}
}

// TestVersion1IsTriedOnce by a full lookup that nothing was said to about
// versions.
func TestVersion1IsTriedOnce(t *testing.T) {
	a := startAgent(t, simprinter.AgentConfig{V1: true})
	slow := timeLimits{try: time.Second, retries: 20, total: time.Minute}
	r, k, err := lookWithin(t.Context(), host, Access{Port: a.Port()}, nil, Full, slow)
	if err != nil || r.Version != "1" || k.Version != "1" {
		t.Fatalf("version %q, known %+v, %v", r.Version, k, err)
	}
	if r, _ := mustLook(t, Access{Port: a.Port()}, k, Steady); r.Exchanges != 1 || r.Version != "1" {
		t.Errorf("afterwards: %+v", r)
	}
	for name, try := range map[string]struct {
		version string
		want    Want
	}{"steady": {"", Steady}, "2c by word": {"2c", Full}} {
		if r, _, err := lookWithin(t.Context(), host, Access{Version: try.version, Port: a.Port()}, nil, try.want, brief); !errors.Is(err, ErrSilent) {
			t.Errorf("%s: %v, version %s", name, err, r.Version)
		}
	}
}

func TestJetdirectIsTriedOnce(t *testing.T) {
	_, access := startV3(t, simprinter.AgentConfig{Context: jetdirect})
	r, k := mustLook(t, access, nil, Full)
	if r.Serial == "" || k.Context != jetdirect {
		t.Fatalf("report %+v, known %+v", r, k)
	}
	if r, _ := mustLook(t, access, k, Steady); r.Exchanges != 1 || r.Serial == "" {
		t.Errorf("afterwards: %+v", r)
	}
	access.Context = "other"
	if _, _, err := lookWithin(t.Context(), host, access, nil, Full, patient); !errors.Is(err, ErrNoPrinter) {
		t.Errorf("another context by word: %v", err)
	}
}

// TestAnotherEngineIsDiscovered where the one that is known is not there any
// more.
func TestAnotherEngineIsDiscovered(t *testing.T) {
	_, access := startV3(t, simprinter.AgentConfig{})
	_, good := mustLook(t, access, nil, Steady)
	for name, e := range map[string]Engine{
		"another id":      {ID: "8000000001020304", Boots: 1, Time: 1, At: time.Now()},
		"started again":   {ID: good.Engine.ID, Boots: good.Engine.Boots - 1, Time: 5, At: time.Now()},
		"another time":    {ID: good.Engine.ID, Boots: good.Engine.Boots, Time: 100_000, At: time.Now()},
		"no sense":        {ID: "zz", At: time.Now()},
		"from the future": {ID: good.Engine.ID, Boots: 1, At: time.Now().Add(time.Hour)},
	} {
		k := *good
		k.Engine = &e
		r, next := mustLook(t, access, &k, Steady)
		if r.Serial == "" || next.Engine == nil || next.Engine.ID != good.Engine.ID || next.Engine.Boots != good.Engine.Boots {
			t.Errorf("%s: report %+v, engine %+v", name, r, next.Engine)
		}
		if r, _ := mustLook(t, access, next, Steady); r.Exchanges != 1 {
			t.Errorf("%s: %d exchanges afterwards", name, r.Exchanges)
		}
	}
}

func TestTempers(t *testing.T) {
	for temper, want := range map[simprinter.Temper]error{
		simprinter.TemperSilent: ErrSilent, simprinter.TemperSlow: ErrSilent, simprinter.TemperWrongID: ErrSilent,
		simprinter.TemperRefuse: ErrRefused, simprinter.TemperGarbage: ErrGarbled, simprinter.TemperTruncated: ErrGarbled,
	} {
		t.Run(string(temper), func(t *testing.T) {
			a := startAgent(t, simprinter.AgentConfig{Temper: temper, Delay: time.Hour})
			tm := patient
			if errors.Is(want, ErrSilent) {
				tm = brief
			}
			r, k, err := lookWithin(t.Context(), host, Access{Port: a.Port()}, nil, Steady, tm)
			if !errors.Is(err, want) || k == nil {
				t.Errorf("%v, known %v", err, k)
			}
			if v := (*Report)(nil).Verdict(IPP{}); v.Kind != Proceed || len(v.Sentences) == 0 {
				t.Errorf("verdict %+v on %+v", v, r)
			}
		})
	}
}

// TestTooBigIsAskedInParts with an agent that answers four objects at most.
func TestTooBigIsAskedInParts(t *testing.T) {
	a := startAgent(t, simprinter.AgentConfig{Temper: simprinter.TemperTooBig})
	r, k := mustLook(t, Access{Port: a.Port()}, nil, Full)
	for range 4 {
		r, k = mustLook(t, Access{Port: a.Port()}, k, Full)
	}
	if !r.Complete || r.Serial == "" || len(r.Supplies) != 9 || r.Supplies[8].Name == "" {
		t.Errorf("%+v", r)
	}
}

func TestALookupEndsWithItsContext(t *testing.T) {
	a := startAgent(t, simprinter.AgentConfig{Temper: simprinter.TemperSilent})
	ctx, cancel := context.WithCancel(t.Context())
	endless := timeLimits{try: time.Hour, retries: 1, total: 2 * time.Hour}
	done := make(chan error, 1)
	go func() {
		_, _, err := lookWithin(ctx, host, Access{Port: a.Port()}, nil, Full, endless)
		done <- err
	}()
	for tick := time.NewTicker(time.Millisecond); a.Requests() == 0; <-tick.C {
		if t.Context().Err() != nil {
			t.Fatal("no request came")
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || errors.Is(err, ErrSilent) {
		t.Errorf("canceled: %v", err)
	}
	late := timeLimits{try: time.Hour, retries: 1, total: 50 * time.Millisecond}
	if _, _, err := lookWithin(t.Context(), host, Access{Port: a.Port()}, nil, Full, late); !errors.Is(err, ErrSilent) {
		t.Errorf("late: %v", err)
	}
}

// TestWhatIsLostAfterTheStatusIsNoError: a printer that stops answering in
// between.
func TestWhatIsLostAfterTheStatusIsNoError(t *testing.T) {
	l := &lookup{source: oneAnswer{}, known: &Known{}, want: Full, spent: func() int { return 0 }}
	if err := l.askAll(); err != nil || l.report.Complete || l.report.DeviceStatus != isDown {
		t.Errorf("%v, %+v", err, l.report)
	}
}

// oneAnswer tells a status and then nothing more.
type oneAnswer struct{}

func (oneAnswer) getObjects(names ...string) (objectValues, error) {
	return objectValues{instanceOf(hrDeviceStatus, 1): {Type: 2, Value: isDown}}, nil
}

func (oneAnswer) getRows(int, int, ...string) ([]row, bool, error) { return nil, false, ErrSilent }

func TestNobodyListens(t *testing.T) {
	a := startAgentOK(t)
	port := a.Port()
	a.Close()
	if _, _, err := lookWithin(t.Context(), host, Access{Port: port}, nil, Steady, brief); !errors.Is(err, ErrSilent) {
		t.Errorf("%v", err)
	}
}

func TestEmptyPrinterIsNone(t *testing.T) {
	a := startAgentOK(t)
	for _, name := range (&lookup{known: &Known{}, first: true}).statusNames()[1:] {
		setObject(t, a, name, nil)
	}
	for _, w := range []Want{Steady, Full} {
		r, _, err := lookWithin(t.Context(), host, Access{Port: a.Port()}, nil, w, patient)
		if !errors.Is(err, ErrNoPrinter) || r.UpTime == 0 {
			t.Errorf("%v, %+v", err, r)
		}
	}
}
