package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestSettingsPage holds the table of docs/settings.md; with UPDATE=1 it writes
// it.
func TestSettingsPage(t *testing.T) {
	const page = "../../docs/settings.md"
	const mark = "<!-- The rest is generated: UPDATE=1 go test ./internal/settings -->\n"
	got, err := os.ReadFile(page)
	if os.IsNotExist(err) {
		t.Skip("the page is not here") // on Windows only the tests are
	}
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := bytes.Cut(got, []byte(mark))
	if !ok {
		t.Fatalf("%s has no line %s", page, mark)
	}
	want := slices.Concat(head, []byte(mark), tableOfPage())
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(page, want, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the table says: UPDATE=1 go test ./internal/settings", page)
	}
}

func tableOfPage() []byte {
	var b bytes.Buffer
	b.WriteString("\n| name | type | default | set by | since | live | what it does |\n|---|---|---|---|---|---|---|\n")
	defaults := Defaults()
	for _, row := range Table() {
		value := fmt.Sprintf("`%s`", mustJSON(row.Value(&defaults)))
		if row.dependsOnSystem() {
			value = "below"
		}
		by := "all"
		if len(row.SetBy) > 0 {
			by = joinOrigins(row.SetBy)
		}
		live := "no"
		if row.Live {
			live = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", row.Name, row.Type.Name, value, by, row.Since, live, row.Doc)
	}
	b.WriteString("\nDefaults that depend on the system:\n\n| | Linux | macOS | Windows |\n|---|---|---|---|\n" +
		"| `StateDir` | systemd's StateDirectory, else `/var/lib/printscout` | `/Library/Application Support/PrintScout` | `C:\\ProgramData\\PrintScout\\State` |\n" +
		"| `ControlPath` | `/run/printscout/agent.sock` | `/var/run/printscout.sock` | `\\\\.\\pipe\\ProtectedPrefix\\Administrators\\PrintScout` |\n")
	return b.Bytes()
}

func mustJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// TestSchemaAgreesWithTheTable wants the schema to have every setting, with the
// type and the bounds that the table has.
func TestSchemaAgreesWithTheTable(t *testing.T) {
	raw := mustJSON(Schema())
	var schema struct {
		Properties map[string]struct {
			Type    string `json:"type"`
			Doc     string `json:"description"`
			Default any    `json:"default"`
			Minimum *int   `json:"minimum"`
			Enum    []string
		} `json:"properties"`
		Additional *bool `json:"additionalProperties"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	types := map[kind]string{kindText: "string", kindNumber: "integer", kindBool: "boolean", kindList: "array"}
	for _, row := range Table() {
		p, ok := schema.Properties[row.Name]
		if !ok || p.Type != types[row.Type.kind] || !strings.Contains(p.Doc, row.PlainDoc()) || (p.Default == nil) != row.dependsOnSystem() {
			t.Errorf("%s: %+v", row.Name, p)
		}
	}
	if len(schema.Properties) != len(Table())+1 || schema.Additional == nil || *schema.Additional {
		t.Errorf("%d properties, others: %v", len(schema.Properties), schema.Additional)
	}
	if !reflect.DeepEqual(schema.Properties["Registration"].Enum, []string{"off", "self", "administrator"}) || *schema.Properties["MaxJobMB"].Minimum != 1 {
		t.Errorf("%+v", schema.Properties["Registration"])
	}
}
