package docinfo

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"io"
)

// pdfCrypt decrypts the streams of a file that opens without a password, which
// means with the empty user password (ISO 32000-2 §7.6). Only the count of
// pages is kept of such a file.
type pdfCrypt struct {
	key    []byte
	method pdfName // of streams: V2 (RC4), AESV2, AESV3, Identity
}

// errEncrypted means that the object is in an encrypted stream that the empty
// user password does not open.
var errEncrypted = errors.New("encrypted with a password")

// findStreamKey derives the key from the empty user password. A file that is
// encrypted in another way stays locked.
func (f *pdfFile) findStreamKey() error {
	f.encrypted, f.crypt = f.trailer["Encrypt"] != nil, nil
	if !f.encrypted {
		return nil
	}
	d, err := f.resolveDict(f.trailer["Encrypt"])
	if err != nil {
		return f.src.err // what is not encrypted is read all the same
	}
	if err := f.resolveAll(d); err != nil {
		return f.src.err
	}
	f.crypt = newPDFCrypt(d, f.firstID())
	return nil
}

// resolveAll resolves the references among the values of a dictionary.
func (f *pdfFile) resolveAll(d pdfDict) error {
	for k, v := range d {
		v, err := f.resolve(v)
		if err != nil {
			return err
		}
		d[k] = v
	}
	return nil
}

func (f *pdfFile) firstID() []byte {
	v, _ := f.resolve(f.trailer["ID"])
	a, _ := v.(pdfArray)
	if len(a) == 0 {
		return nil
	}
	v, _ = f.resolve(a[0])
	s, _ := v.(pdfString)
	return s
}

// pdfEncryption holds the values of the encryption dictionary.
type pdfEncryption struct {
	version, revision  int
	length             int // of the key, in bytes
	permissions        int32
	owner, user, userE []byte
	clearMetadata      bool
	method             pdfName
}

// newPDFCrypt returns nil where the dictionary is not of the standard handler,
// or the user password is not empty.
func newPDFCrypt(d pdfDict, id []byte) *pdfCrypt {
	e, ok := readEncryption(d)
	if !ok {
		return nil
	}
	var key []byte
	if e.revision >= 5 {
		key = e.keyOfAES256()
	} else {
		key = e.keyOfMD5(id)
	}
	if key == nil {
		return nil
	}
	return &pdfCrypt{key: key, method: e.method}
}

func readEncryption(d pdfDict) (e pdfEncryption, ok bool) {
	number := func(v any, usual int) int {
		if n, ok := v.(float64); ok && n == float64(int(n)) {
			return int(n)
		}
		return usual
	}
	text := func(v any) []byte { s, _ := v.(pdfString); return s }
	e = pdfEncryption{
		version: number(d["V"], 0), revision: number(d["R"], 0), length: number(d["Length"], 40) / 8,
		permissions: int32(uint32(number(d["P"], 0))), owner: text(d["O"]), user: text(d["U"]), userE: text(d["UE"]),
		clearMetadata: d["EncryptMetadata"] == false, method: "V2",
	}
	switch e.version {
	case 1:
		e.length = 5
	case 2, 3:
	case 4, 5:
		e.method = streamMethod(d)
		e.length = 16
	default:
		return e, false
	}
	isMethod := e.method == "V2" || e.method == "AESV2" || e.method == "AESV3" || e.method == "Identity"
	return e, d["Filter"] == pdfName("Standard") && isMethod && e.length >= 5 && e.length <= 16 && len(e.owner) >= 32 && len(e.user) >= 32
}

// streamMethod returns how streams are encrypted: the crypt filter in StmF
// (§7.6.6).
func streamMethod(d pdfDict) pdfName {
	name, _ := d["StmF"].(pdfName)
	if name == "" || name == "Identity" {
		return "Identity"
	}
	filters, _ := d["CF"].(pdfDict)
	filter, _ := filters[name].(pdfDict)
	method, _ := filter["CFM"].(pdfName)
	if method == "None" {
		return "Identity"
	}
	return method
}

// passwordPadding pads passwords (§7.6.4.3.2).
var passwordPadding = []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")

// keyOfMD5 is algorithm 2 of §7.6.4.3.2 with an empty password, nil if that is
// not the user's.
func (e pdfEncryption) keyOfMD5(id []byte) []byte {
	h := md5.New()
	h.Write(passwordPadding)
	h.Write(e.owner[:32])
	h.Write(binary.LittleEndian.AppendUint32(nil, uint32(e.permissions)))
	h.Write(id)
	if e.revision >= 4 && e.clearMetadata {
		h.Write([]byte("\xff\xff\xff\xff"))
	}
	key := h.Sum(nil)[:]
	if e.revision >= 3 {
		for range 50 {
			sum := md5.Sum(key[:e.length])
			copy(key, sum[:])
		}
	}
	key = key[:e.length]
	if !e.isUsers(key, id) {
		return nil
	}
	return key
}

// isUsers reports whether a key belongs to the user password: algorithms 4 and
// 5.
func (e pdfEncryption) isUsers(key, id []byte) bool {
	if e.revision < 3 {
		return bytes.Equal(rc4Of(key, passwordPadding), e.user[:32])
	}
	sum := md5.Sum(append(bytes.Clone(passwordPadding), id...))
	want := sum[:]
	for i := range 20 {
		turned := bytes.Clone(key)
		for k := range turned {
			turned[k] ^= byte(i)
		}
		want = rc4Of(turned, want)
	}
	return bytes.Equal(want, e.user[:16])
}

// keyOfAES256 is algorithm 2.A of §7.6.4.3.3 with an empty password. U is a
// hash of 32 bytes and two salts of 8: the first to check, the second for the
// key.
func (e pdfEncryption) keyOfAES256() []byte {
	if len(e.user) < 48 || len(e.userE) < 32 {
		return nil
	}
	hash := hashOfR6
	if e.revision == 5 {
		hash = func(salt []byte) []byte { sum := sha256.Sum256(salt); return sum[:] }
	}
	if !bytes.Equal(hash(e.user[32:40]), e.user[:32]) {
		return nil
	}
	return aesCBC(hash(e.user[40:48]), make([]byte, aes.BlockSize), e.userE[:32], cipher.NewCBCDecrypter)
}

// hashOfR6 is algorithm 2.B of §7.6.4.3.4 with an empty password.
func hashOfR6(salt []byte) []byte {
	sum := sha256.Sum256(salt)
	k := sum[:]
	for round := 0; ; round++ {
		k1 := bytes.Repeat(k, 64)
		e := aesCBC(k[:16], k[16:32], k1, cipher.NewCBCEncrypter)
		rest := 0
		for _, b := range e[:16] {
			rest += int(b)
		}
		switch rest % 3 {
		case 0:
			s := sha256.Sum256(e)
			k = s[:]
		case 1:
			s := sha512.Sum384(e)
			k = s[:]
		default:
			s := sha512.Sum512(e)
			k = s[:]
		}
		if round >= 63 && int(e[len(e)-1]) <= round-31 {
			return k[:32]
		}
	}
}

func aesCBC(key, iv, data []byte, mode func(cipher.Block, []byte) cipher.BlockMode) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil // the key has a wrong length
	}
	out := make([]byte, len(data))
	mode(block, iv).CryptBlocks(out, data)
	return out
}

func rc4Of(key, data []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		return nil // the key has a wrong length
	}
	out := make([]byte, len(data))
	c.XORKeyStream(out, data)
	return out
}

// decryptStream returns a reader that decrypts the stream of an object of
// generation 0, which object streams always have (algorithm 1 of §7.6.3.1).
func (c *pdfCrypt) decryptStream(r io.Reader, number int64) (io.Reader, error) {
	switch c.method {
	case "Identity":
		return r, nil
	case "AESV3":
		return newAESReader(r, c.key)
	}
	id := binary.LittleEndian.AppendUint32(bytes.Clone(c.key), uint32(number))
	id = append(id[:len(c.key)+3], 0, 0)
	if c.method == "AESV2" {
		id = append(id, "sAlT"...)
	}
	sum := md5.Sum(id)
	key := sum[:min(len(c.key)+5, 16)]
	if c.method == "AESV2" {
		return newAESReader(r, key)
	}
	s, err := rc4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.StreamReader{S: s, R: r}, nil
}

// aesReader decrypts AES in CBC mode, with the initialization vector before the
// data. It keeps the padding of the last block, which no content extends into.
type aesReader struct {
	r    io.Reader
	mode cipher.BlockMode
	buf  [1 << 10]byte
	out  []byte
}

func newAESReader(r io.Reader, key []byte) (io.Reader, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	iv := make([]byte, aes.BlockSize)
	if _, err := io.ReadFull(r, iv); err != nil {
		return nil, err
	}
	return &aesReader{r: r, mode: cipher.NewCBCDecrypter(block, iv)}, nil
}

func (a *aesReader) Read(p []byte) (int, error) {
	if len(a.out) == 0 {
		n, err := io.ReadFull(a.r, a.buf[:])
		n -= n % aes.BlockSize
		if n == 0 {
			if err == nil || err == io.ErrUnexpectedEOF {
				err = io.EOF
			}
			return 0, err
		}
		a.out = a.buf[:n]
		a.mode.CryptBlocks(a.out, a.out)
	}
	n := copy(p, a.out)
	a.out = a.out[n:]
	return n, nil
}
