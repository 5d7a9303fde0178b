package settings

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"

	"howett.net/plist"
)

var errNotPlist = errors.New("it is not a property list with a dictionary")

// plistItem is a value of a property list that is decoded when it is asked for.
// A small binary list can refer to one array a million times, so nothing is
// decoded as a whole.
type plistItem struct{ decode func(any) error }

// UnmarshalPlist implements plist.Unmarshaler.
func (i *plistItem) UnmarshalPlist(decode func(any) error) error {
	i.decode = decode
	return nil
}

// parsePlist reads the managed preferences of macOS: an XML or binary property
// list with a dictionary. Only values of settings are decoded.
func parsePlist(raw []byte, where string) (all rawValues, err error) {
	defer func() {
		if r := recover(); r != nil {
			all, err = nil, fmt.Errorf("%w: %v", errNotPlist, r)
		}
	}()
	if !bytes.HasPrefix(raw, []byte("bplist0")) && !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("<")) {
		return nil, errNotPlist
	}
	var root plistItem
	format, err := plist.Unmarshal(raw, &root)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotPlist, err)
	}
	isDictionary := root.decode != nil && root.decode(&struct{}{}) == nil
	if format != plist.XMLFormat && format != plist.BinaryFormat || !isDictionary {
		return nil, errNotPlist
	}
	all = rawValues{}
	var items map[string]*plistItem
	if root.decode(&items) != nil {
		root.decodeSettings(all, where)
		return all, nil
	}
	for name, item := range items {
		var v rawValue
		if isKnown(name) {
			v = item.value()
		}
		all.add(name, where, v)
	}
	return all, nil
}

// decodeSettings decodes a dictionary that has a date in it, which the library
// gives to no Unmarshaler: each setting by itself, under the table's spelling.
func (i *plistItem) decodeSettings(all rawValues, where string) {
	for _, row := range Table() {
		one := reflect.New(reflect.StructOf([]reflect.StructField{{
			Name: "Item", Type: reflect.TypeFor[*plistItem](), Tag: reflect.StructTag(`plist:"` + row.Name + `"`),
		}}))
		if i.decode(one.Interface()) != nil {
			all.add(row.Name, where, rawValue{found: "a <date>", boolByNumber: true})
		} else if item := one.Elem().Field(0).Interface().(*plistItem); item != nil {
			all.add(row.Name, where, item.value())
		}
	}
}

// value decodes an item as what it is.
func (i *plistItem) value() rawValue {
	if i == nil || i.decode == nil {
		return rawValue{found: "nothing"}
	}
	v := rawValue{boolByNumber: true}
	var items []*plistItem
	var real float64
	switch {
	case i.decode(&v.text) == nil:
		v.kind, v.found = kindText, "a <string>"
	case i.decode(&v.boolean) == nil:
		v.kind, v.found = kindBool, "a <true/> or <false/>"
	case i.decode(&v.number) == nil:
		v.kind, v.found = kindNumber, "an <integer>"
	case i.decode(&items) == nil:
		return plistList(items)
	case i.decode(&real) == nil:
		v.found = "a <real>"
	default:
		v.found = "a <dict> or <data>"
	}
	return v
}

func plistList(items []*plistItem) rawValue {
	v := rawValue{kind: kindList, list: []string{}, found: fmt.Sprintf("an <array> of %d", len(items))}
	if len(items) > maxList {
		return rawValue{found: v.found, boolByNumber: true}
	}
	for _, item := range items {
		var s string
		if item == nil || item.decode == nil || item.decode(&s) != nil {
			return rawValue{found: "an <array> of other things than <string>"}
		}
		v.list = append(v.list, s)
	}
	return v
}
