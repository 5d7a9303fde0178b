package directory

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// frameFields joins fields so that no two different lists give the same bytes.
func frameFields(label string, fields ...[]byte) []byte {
	out := appendField(nil, []byte(label))
	for _, f := range fields {
		out = appendField(out, f)
	}
	return out
}

func appendField(out, field []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(field)))
	return append(out, field...)
}

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func u64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// decodeBase64 accepts only the encoding that the writer makes: encoding/base64
// skips line breaks even in strict mode.
func decodeBase64(s string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != s {
		return nil, errors.New("not canonical base64")
	}
	return raw, nil
}
