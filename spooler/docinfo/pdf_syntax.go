package docinfo

import (
	"bytes"
	"errors"
	"strconv"
)

// The objects of PDF (ISO 32000-1 §7.3), in addition to nil, bool and float64.
type (
	pdfName    string
	pdfString  []byte
	pdfKeyword string
	pdfArray   []any
	pdfDict    map[pdfName]any
	pdfRef     int64
)

// errShort means that the object continues after the bytes at hand.
var errShort = errors.New("cut off")

const (
	pdfTokens = 200_000 // of one object
	pdfText   = 8 << 10 // bytes of an encoded string; the rest is dropped
	pdfDepth  = 64      // of nested arrays and dictionaries, and of the page tree
)

// pdfParser reads objects from bytes in memory.
type pdfParser struct {
	b      []byte
	i      int
	final  bool // b extends to the end of the file
	tokens int
}

// skipSpace skips white space and comments.
func (p *pdfParser) skipSpace() error {
	for ; p.i < len(p.b); p.i++ {
		switch {
		case isSpace(p.b[p.i]):
		case p.b[p.i] == '%':
			for p.i < len(p.b) && p.b[p.i] != '\n' && p.b[p.i] != '\r' {
				p.i++
			}
			p.i--
		default:
			return nil
		}
	}
	return errShort
}

// parseObject reads one object; keywords are objects too.
func (p *pdfParser) parseObject(depth int) (any, error) {
	if err := p.skipSpace(); err != nil {
		return nil, err
	}
	if p.tokens++; p.tokens > pdfTokens || depth > pdfDepth {
		return nil, ErrTooMuch
	}
	switch b := p.b[p.i]; {
	case b == '/':
		return p.parseName()
	case b == '(':
		return p.parseLiteral()
	case b == '[':
		p.i++
		return p.parseArray(depth, "]")
	case b == '<':
		if p.i+1 == len(p.b) {
			return nil, errShort
		}
		if p.b[p.i+1] == '<' {
			p.i += 2
			return p.parseDict(depth)
		}
		return p.parseHex()
	case '0' <= b && b <= '9':
		return p.parseNumberOrRef()
	}
	return p.parseKeyword()
}

// readRegular reads the regular characters that come next.
func (p *pdfParser) readRegular() ([]byte, error) {
	start := p.i
	for p.i < len(p.b) && isRegular(p.b[p.i]) {
		p.i++
	}
	if p.i == len(p.b) && !p.final {
		return nil, errShort
	}
	return p.b[start:p.i], nil
}

func (p *pdfParser) parseName() (any, error) {
	p.i++
	raw, err := p.readRegular()
	if err != nil || bytes.IndexByte(raw, '#') < 0 {
		return pdfName(raw), err
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			if v, err := strconv.ParseUint(string(raw[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, raw[i])
	}
	return pdfName(out), nil
}

// parseKeyword reads whatever is not another object: true, null, obj, ], >>, a
// number with a sign.
func (p *pdfParser) parseKeyword() (any, error) {
	if b := p.b[p.i]; !isRegular(b) {
		p.i++
		if b != '>' {
			return pdfKeyword(b), nil
		}
		if p.i == len(p.b) {
			return nil, errShort
		}
		if p.b[p.i] == '>' {
			p.i++
			return pdfKeyword(">>"), nil
		}
		return pdfKeyword(">"), nil
	}
	raw, err := p.readRegular()
	if err != nil {
		return nil, err
	}
	switch s := string(raw); s {
	case "null":
		return nil, nil
	case "true", "false":
		return s == "true", nil
	default:
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f, nil
		}
		return pdfKeyword(s), nil
	}
}

// parseNumberOrRef reads a number, or a reference: two numbers and an R.
func (p *pdfParser) parseNumberOrRef() (any, error) {
	raw, err := p.readRegular()
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		f, err := strconv.ParseFloat(string(raw), 64)
		if err != nil {
			return pdfKeyword(raw), nil
		}
		return f, nil
	}
	back := p.i
	isRef, err := p.parseRefTail()
	switch {
	case err == nil && isRef:
		return pdfRef(n), nil
	case err != nil && !p.final:
		return nil, err
	}
	p.i = back
	return float64(n), nil
}

// parseRefTail reads a generation and an R.
func (p *pdfParser) parseRefTail() (bool, error) {
	if err := p.skipSpace(); err != nil {
		return false, err
	}
	if b := p.b[p.i]; b < '0' || b > '9' {
		return false, nil
	}
	if _, err := p.readRegular(); err != nil {
		return false, err
	}
	if err := p.skipSpace(); err != nil {
		return false, err
	}
	if p.b[p.i] != 'R' {
		return false, nil
	}
	p.i++
	return true, nil
}

func (p *pdfParser) parseArray(depth int, end pdfKeyword) (pdfArray, error) {
	var a pdfArray
	for {
		v, err := p.parseObject(depth + 1)
		if err != nil {
			return nil, err
		}
		switch k, _ := v.(pdfKeyword); k {
		case end:
			return a, nil
		case "endobj", "stream", ">>", "]":
			return nil, ErrDamaged
		}
		a = append(a, v)
	}
}

func (p *pdfParser) parseDict(depth int) (any, error) {
	a, err := p.parseArray(depth, ">>")
	if err != nil {
		return nil, err
	}
	d := make(pdfDict, len(a)/2)
	for i := 0; i+1 < len(a); i += 2 {
		if name, ok := a[i].(pdfName); ok {
			d[name] = a[i+1]
		}
	}
	return d, nil
}

// parseLiteral reads a string in parentheses.
func (p *pdfParser) parseLiteral() (any, error) {
	p.i++
	start, open := p.i, 1
	for ; p.i < len(p.b); p.i++ {
		switch p.b[p.i] {
		case '\\':
			p.i++
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				p.i++
				return pdfString(unescapeString(p.b[start:min(p.i-1, start+pdfText)])), nil
			}
		}
	}
	p.i = len(p.b)
	return nil, errShort
}

var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}

// unescapeString resolves the escapes of a string in parentheses, which
// PostScript has too.
func unescapeString(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 == len(raw) {
			out = append(out, raw[i])
			continue
		}
		i++
		switch b := raw[i]; {
		case '0' <= b && b <= '7':
			v := 0
			for end := min(i+3, len(raw)); i < end && '0' <= raw[i] && raw[i] <= '7'; i++ {
				v = v*8 + int(raw[i]-'0')
			}
			i--
			out = append(out, byte(v))
		case b == '\n':
		case escapes[b] != 0:
			out = append(out, escapes[b])
		default:
			out = append(out, b)
		}
	}
	return out
}

func (p *pdfParser) parseHex() (any, error) {
	end := bytes.IndexByte(p.b[p.i:], '>')
	if end < 0 {
		return nil, errShort
	}
	raw := p.b[p.i+1:][:min(end-1, pdfText)]
	p.i += end + 1
	var out pdfString
	half, high := byte(0), true
	for _, b := range raw {
		v, err := strconv.ParseUint(string(b), 16, 8)
		switch {
		case err != nil:
			continue
		case high:
			half = byte(v) << 4
		default:
			out = append(out, half|byte(v))
		}
		high = !high
	}
	if !high {
		out = append(out, half)
	}
	return out, nil
}
