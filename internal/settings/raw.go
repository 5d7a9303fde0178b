package settings

import (
	"fmt"
	"strings"
)

// kind is the type that a value has in its source.
type kind int

// The kinds. A value of kindOther has no use for any setting.
const (
	kindOther kind = iota
	kindText
	kindNumber
	kindBool
	kindList
)

// rawValue is what a source has under one name, before it is known what the
// setting takes.
type rawValue struct {
	name    string // as the source spells it
	kind    kind
	text    string
	number  int64
	boolean bool
	list    []string
	// found is what the value is in the words of its source: null, a REG_SZ.
	found string
	// boolByNumber means that in this source a number may stand for true and
	// false: the registry has no other way, and macOS's tools write both.
	boolByNumber bool
	where        string // the file or key
	broken       error  // it can be used for no setting
}

// display returns the value as it stands in its source, for people.
func (r rawValue) display() any {
	switch r.kind {
	case kindText:
		return r.text
	case kindNumber:
		return r.number
	case kindBool:
		return r.boolean
	case kindList:
		return r.list
	}
	return nil
}

// rawValues are the values of one source, by the name in lower case.
type rawValues map[string]rawValue

// add adds a value. A name that is there twice, in any case, makes both
// unusable: which one is meant cannot be known.
func (all rawValues) add(name, where string, v rawValue) {
	v.name, v.where = name, where
	key := strings.ToLower(name)
	if before, twice := all[key]; twice {
		v.broken = fmt.Errorf("it is there twice, as %s and %s", before.name, name)
	}
	all[key] = v
}

// merge adds the values of a later file of the same source, which take
// precedence.
func (all rawValues) merge(later rawValues) {
	for key, v := range later {
		all[key] = v
	}
}
