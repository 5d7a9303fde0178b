package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

const (
	maxDepth     = 16
	maxFields    = 64
	maxFieldName = 64
)

// unmarshalStrict decodes one JSON value, and refuses what readers could
// understand differently: encoding/json takes the last of two fields of one name,
// matches names without case and repairs broken UTF-8.
func unmarshalStrict(data []byte, into any) error {
	if !utf8.Valid(data) {
		return malformed("not UTF-8")
	}
	if err := checkTokens(data); err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return malformed("%w", err)
	}
	return nil
}

// openObject is an object or array whose end has not been read. names has the
// field names so far; it is nil for an array.
type openObject struct {
	names   map[string]bool
	inValue bool
}

// checkTokens reads all tokens, holding only the names of open objects.
func checkTokens(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var open []*openObject
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return nil
		}
		if err != nil {
			return malformed("%w", err)
		}
		if open, err = checkToken(open, token); err != nil {
			return err
		}
	}
}

func checkToken(open []*openObject, token json.Token) ([]*openObject, error) {
	delim, isDelim := token.(json.Delim)
	if isDelim && (delim == '}' || delim == ']') {
		return open[:len(open)-1], nil
	}
	if len(open) > 0 {
		isName, err := open[len(open)-1].takeName(token)
		if isName || err != nil {
			return open, err
		}
	}
	if !isDelim {
		return open, nil
	}
	if len(open) == maxDepth {
		return nil, malformed("nested deeper than %d", maxDepth)
	}
	next := &openObject{}
	if delim == '{' {
		next.names = make(map[string]bool)
	}
	return append(open, next), nil
}

// takeName reports whether token is a field's name, and notes the name. Names and
// values alternate.
func (o *openObject) takeName(token json.Token) (isName bool, err error) {
	if o.names == nil {
		return false, nil
	}
	if o.inValue {
		o.inValue = false
		return false, nil
	}
	o.inValue = true
	name, _ := token.(string)
	switch {
	case !isPlainFieldName(name):
		return true, malformed("field name %.70q", name)
	case o.names[name]:
		return true, malformed("field %q twice", name)
	case len(o.names) == maxFields:
		return true, malformed("object of more than %d fields", maxFields)
	}
	o.names[name] = true
	return true, nil
}

func isPlainFieldName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= maxFieldName
}
