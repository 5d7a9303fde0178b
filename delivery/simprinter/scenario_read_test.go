package simprinter

import "testing"

func TestScenariosAreReadStrictly(t *testing.T) {
	for name, text := range map[string]string{
		"an unknown knob":       `[{"name":"a","does":"b","printer":{"nonsense":true}}]`,
		"an unknown fault knob": `[{"name":"a","does":"b","printer":{"faults":[{"of":["*"],"nonsense":1}]}}]`,
		"an unknown operation":  `[{"name":"a","does":"b","printer":{"faults":[{"of":["Print"],"http":1}]}}]`,
		"an unknown status":     `[{"name":"a","does":"b","printer":{"faults":[{"of":["*"],"status":"bad"}]}}]`,
		"no operation":          `[{"name":"a","does":"b","printer":{"operations":["Print"]}}]`,
		"no length of time":     `[{"name":"a","does":"b","printer":{"delay":"soon"}}]`,
		"a negative one":        `[{"name":"a","does":"b","printer":{"delay":"-1s"}}]`,
		"an empty attribute":    `[{"name":"a","does":"b","printer":{"attributes":{"x":{}}}}]`,
		"no sentence":           `[{"name":"a"}]`,
		"a name twice":          `[{"name":"a","does":"b"},{"name":"a","does":"b"}]`,
		"what Go decides":       `[{"name":"a","does":"b","printer":{"Dir":"/tmp"}}]`,
	} {
		if all, err := readScenarios([]byte(text)); err == nil {
			t.Errorf("%s passes: %+v", name, all)
		}
	}
}
