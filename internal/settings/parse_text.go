package settings

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseText returns the value that a text of a command line (KEY=VALUE) means
// for a setting, as JSON has it, and the setting's name as the table spells it.
// The texts of a list are separated by commas. It is an error if the setting
// cannot have that value, or the installer may not set it.
func ParseText(name, text string) (string, any, error) {
	row, ok := Find(name)
	if !ok {
		return "", nil, fmt.Errorf("%.64q is not a setting", name)
	}
	raw := rawValue{kind: kindText, text: text, found: "text"}
	switch row.Type.kind {
	case kindNumber:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			raw = rawValue{kind: kindNumber, number: n}
		}
	case kindBool:
		if text == "true" || text == "false" {
			raw = rawValue{kind: kindBool, boolean: text == "true"}
		}
	case kindList:
		raw = rawValue{kind: kindList, list: []string{}, found: "text"}
		if text != "" {
			raw.list = strings.Split(text, ",")
		}
	}
	v := Defaults()
	if err := row.setFrom(&v, raw, FromInstaller); err != nil {
		return "", nil, fmt.Errorf("%s cannot be %.64q: %w", row.Name, text, err)
	}
	return row.Name, row.Value(&v), nil
}
