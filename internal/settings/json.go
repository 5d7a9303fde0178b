package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxFile is the maximum size of a configuration file or a policy file.
const maxFile = 1 << 20

// schemaKey is the key by which an editor finds the schema of a file. It is not
// a setting.
const schemaKey = "$schema"

var errNotObject = errors.New("it is not a JSON object")

// parseJSON reads a file that is one JSON object. A byte order mark, which
// editors on Windows write, is ignored.
func parseJSON(raw []byte, where string) (rawValues, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errNotObject, err)
	}
	all := rawValues{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNotObject, err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("%w: %w", errNotObject, err)
		}
		if name != schemaKey {
			all.add(name.(string), where, jsonValue(value))
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotObject, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows it", errNotObject)
	}
	return all, nil
}

// jsonValue reads a JSON value, which is well formed.
func jsonValue(raw json.RawMessage) rawValue {
	switch raw[0] {
	case '"':
		v := rawValue{kind: kindText, found: "text in quotes"}
		if json.Unmarshal(raw, &v.text) != nil {
			return rawValue{found: "text that is damaged"}
		}
		return v
	case 't', 'f':
		return rawValue{kind: kindBool, boolean: raw[0] == 't', found: "true or false"}
	case 'n':
		return rawValue{found: "null"}
	case '{':
		return rawValue{found: "an object"}
	case '[':
		return jsonList(raw)
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return rawValue{found: "a number with a fraction, an exponent, or too many digits"}
	}
	return rawValue{kind: kindNumber, number: n, found: "a number"}
}

func jsonList(raw json.RawMessage) rawValue {
	var all []*string // nil for null
	if json.Unmarshal(raw, &all) != nil {
		return rawValue{found: "a list of other things than texts"}
	}
	v := rawValue{kind: kindList, list: make([]string, 0, len(all)), found: fmt.Sprintf("a list of %d texts", len(all))}
	for _, s := range all {
		if s == nil {
			return rawValue{found: "a list with null in it"}
		}
		v.list = append(v.list, *s)
	}
	return v
}
