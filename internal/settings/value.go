package settings

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"
)

func textSetter(set func(*Values, string) error) func(*Values, json.RawMessage) error {
	return func(v *Values, raw json.RawMessage) error {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return fmt.Errorf("it should be text in quotes")
		}
		return set(v, s)
	}
}

func wholeNumberSetter(least, most int, set func(*Values, int)) func(*Values, json.RawMessage) error {
	return func(v *Values, raw json.RawMessage) error {
		var n int
		if err := json.Unmarshal(raw, &n); err != nil || n < least || n > most {
			return fmt.Errorf("it should be a whole number from %d to %d", least, most)
		}
		set(v, n)
		return nil
	}
}

func parseAbsolutePath(to *string, s string) error {
	if !filepath.IsAbs(s) {
		return fmt.Errorf("it should be an absolute path")
	}
	*to = filepath.Clean(s)
	return nil
}

func parseFileOrNone(to *string, s string) error {
	if s == "" {
		*to = ""
		return nil
	}
	return parseAbsolutePath(to, s)
}

func parseShortText(to *string, s string, least, most int) error {
	if len(s) < least || len(s) > most {
		return fmt.Errorf("it should have %d to %d bytes", least, most)
	}
	*to = s
	return nil
}

func parseRetention(v *Values, s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Minute {
		return fmt.Errorf("it should be a duration of at least a minute, such as 24h")
	}
	v.JobRetention = d
	return nil
}

func parseLogLevel(v *Values, s string) error {
	switch s {
	case "debug", "info", "warn", "error":
		v.LogLevel = s
		return nil
	}
	return fmt.Errorf("it should be debug, info, warn or error")
}

func boolSetter(of func(*Values) *bool) func(*Values, json.RawMessage) error {
	return func(v *Values, raw json.RawMessage) error {
		var b *bool
		if json.Unmarshal(raw, &b) != nil || b == nil {
			return fmt.Errorf("it should be true or false")
		}
		*of(v) = *b
		return nil
	}
}

// maxList is the maximum length of a list.
const maxList = 200

func listSetter(set func(*Values, []string) error) func(*Values, json.RawMessage) error {
	return func(v *Values, raw json.RawMessage) error {
		var s []string
		if json.Unmarshal(raw, &s) != nil || s == nil || len(s) > maxList {
			return fmt.Errorf("it should be a list of texts, such as [\"a\", \"b\"], of at most %d", maxList)
		}
		return set(v, s)
	}
}
