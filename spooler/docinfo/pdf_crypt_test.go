package docinfo

import (
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

const (
	idOfVectors = "31415926535897932384626433832795"
	userOfR6    = "04550f45290a17fa5ade7334a6fe8d5932870a0c53287420a00ff249758397e1866ace027e53d49e52b31cbd3a9bade4"
)

// encryptions lists encryption dictionaries that qpdf 11.3 makes for the empty
// user password, with the keys that it shows.
var encryptions = map[string]struct{ dict, key string }{
	"RC4 of 40 bits": {"<< /Filter /Standard /Length 40 /O <c92422687facee686e373f10b5c7d04738053152f7e2ee30e11c69ec442576ab> /P -4 /R 2 " +
		"/U <b3d9fa366906ef42f354c6deb74c59075eaf334eb7c04356ba0d7f3dd8b51d0a> /V 1 >>", "0e7b66938a"},
	"RC4 of 128 bits": {"<< /Filter /Standard /Length 128 /O <566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5> /P -4 /R 3 " +
		"/U <e21cc3d13b0faa9934db7d20f11e333e0122456a91bae5134273a6db134c87c4> /V 2 >>", "abe32231c5baae9679dc306bb3a7427d"},
	"AES of 128 bits": {"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV2 /Length 16 >> >> /Filter /Standard /Length 128 " +
		"/O <566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5> /P -4 /R 4 /StmF /StdCF /StrF /StdCF " +
		"/U <e21cc3d13b0faa9934db7d20f11e333e0122456a91bae5134273a6db134c87c4> /V 4 >>", "abe32231c5baae9679dc306bb3a7427d"},
	"AES of 128 bits, metadata in the clear": {"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV2 /Length 16 >> >> /EncryptMetadata false /Filter /Standard /Length 128 " +
		"/O <566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5> /P 4294967292 /R 4 /StmF /StdCF /StrF /StdCF " +
		"/U <b7ae61ae5fe831ccd7979c155d4f926c0122456a91bae5134273a6db134c87c4> /V 4 >>", "1108101ea597f1f35b9393c012b8e3fe"},
	"AES of 256 bits, revision 5": {"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter /Standard /Length 256 " +
		"/O <d30dd1ac67456f04bfe66495221df8a9c83d3c6e061a177b3398122a90c632d03af547c6058cdabe369cdaf570c61d32> /P -4 /R 5 /StmF /StdCF /StrF /StdCF " +
		"/U <372987efcc83529a0ddd2ada07c5492e063665509f549db8620a903436759e4d782805747764219b9bdb61b29acb99b1> " +
		"/UE <e8516f6e388ef41a47c334a3713740d91c0ea6e7a9051f838bfd7e055f2de3ba> /V 5 >>", "d85e30dd20cc66a65721de5527bdc8770857f8fc5ba55971d13df3dfb0cdc731"},
	"AES of 256 bits, revision 6": {"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter /Standard /Length 256 " +
		"/O <e3bd3793ec5d683b4623d9c62ee96c07ff5fc439c5a001d4fa1e4c3db8f602608d234fc42137ecf244d587c1f2082e40> /P -4 /R 6 /StmF /StdCF /StrF /StdCF " +
		"/U <" + userOfR6 + "> " +
		"/UE <0adef2541c575b10fdfb89244d976b0c0fd776612b9f5debfaad7c8a30c4fdf9> /V 5 >>", "a77c675a62e3fe0d3ec414e8dcd7f503ae1af90e7c209f8bf38eaba8d9a321fb"},
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err) // of constants
	}
	return b
}

func parseDict(t *testing.T, s string) pdfDict {
	t.Helper()
	p := pdfParser{b: []byte(s), final: true}
	v, err := p.parseObject(0)
	d, ok := v.(pdfDict)
	if err != nil || !ok {
		t.Fatalf("%s: %v", s, err)
	}
	return d
}

func TestKeyOfTheEmptyPassword(t *testing.T) {
	for name, c := range encryptions {
		got := newPDFCrypt(parseDict(t, c.dict), unhex(idOfVectors))
		if got == nil || hex.EncodeToString(got.key) != c.key {
			t.Errorf("%s: %+v, want %s", name, got, c.key)
		}
	}
}

// TestLocked: what the empty password does not open, or another handler has
// encrypted, stays locked.
func TestLocked(t *testing.T) {
	for name, change := range map[string][2]string{
		"another password, RC4":      {"/U <e21c", "/U <e21d"},
		"another owner's password":   {"/O <566f", "/O <566e"},
		"another password, AES":      {"/U <0455", "/U <0456"},
		"another handler":            {"/Standard", "/Adobe.PubSec"},
		"a version that is not":      {"/V 5", "/V 6"},
		"a key of no length":         {"/Length 128", "/Length 0"},
		"a key longer than there is": {"/Length 128", "/Length 99999999"},
		"a method that is not":       {"/AESV3", "/AESV9"},
		"no password at all":         {"/U <", "/X <"},
		"half a password":            {"/U <" + userOfR6, "/U <" + userOfR6[:70]},
		"no key":                     {"/UE", "/UX"},
	} {
		changed := 0
		for kind, c := range encryptions {
			dict := strings.Replace(c.dict, change[0], change[1], 1)
			if dict == c.dict || strings.HasPrefix(name, "a key") && !strings.HasPrefix(kind, "RC4") {
				continue
			}
			changed++
			if got := newPDFCrypt(parseDict(t, dict), unhex(idOfVectors)); got != nil {
				t.Errorf("%s, %s: opened with %x", name, kind, got.key)
			}
		}
		if changed == 0 {
			t.Errorf("%s: nothing was changed", name)
		}
	}
}

// encrypt encrypts the data of object 20 as a writer does: ISO 32000-2 §7.6.3.
func encrypt(t *testing.T, kind string, data []byte) []byte {
	t.Helper()
	key := unhex(encryptions[kind].key)
	isAES := strings.HasPrefix(kind, "AES")
	if len(key) < 32 {
		salted := append(bytes.Clone(key), 20, 0, 0, 0, 0)
		if isAES {
			salted = append(salted, "sAlT"...)
		}
		sum := md5.Sum(salted)
		key = sum[:min(len(key)+5, 16)]
	}
	if !isAES {
		c, err := rc4.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		c.XORKeyStream(data, data)
		return data
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	n := 16 - len(data)%16
	data = append(data, bytes.Repeat([]byte{byte(n)}, n)...)
	iv := []byte("0123456789abcdef")
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)
	return append(iv, data...)
}

// encryptedPDF has its page tree of so many pages in an encrypted object
// stream.
func encryptedPDF(t *testing.T, kind, dict string, n int) []byte {
	t.Helper()
	var head, data, kids strings.Builder
	inner := map[int]bool{}
	add := func(number int, body string) {
		fmt.Fprintf(&head, "%d %d ", number, data.Len())
		data.WriteString(body + " ")
		inner[number] = true
	}
	add(1, "<< /Type /Catalog /Pages 2 0 R >>")
	for i := range n {
		add(3+i, "<< /Type /Page /Note ("+strings.Repeat("not to be compressed away ", i)+") >>")
		fmt.Fprintf(&kids, "%d 0 R ", 3+i)
	}
	add(2, fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 595 842] >>", kids.String(), n))
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write([]byte(head.String() + data.String()))
	w.Close()
	sealed := encrypt(t, kind, z.Bytes())
	m := newPDF("%PDF-1.5\n")
	m.object(22, dict)
	m.object(20, fmt.Sprintf("<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", len(inner), head.Len(), len(sealed), sealed))
	m.entries(21, inner, fmt.Sprintf("/Root 1 0 R /Encrypt 22 0 R /ID [<%s> <00>]", idOfVectors))
	return m.Bytes()
}

func TestEncryptedTree(t *testing.T) {
	for kind, c := range encryptions {
		file := encryptedPDF(t, kind, c.dict, 15)
		if got := say(examined(t, file)); got != `15 exact, unknown, , copies 0, iso_a4_210x297mm, "", ""` {
			t.Errorf("%s: %s", kind, got)
		}
		// The cross-reference is broken, and the file has to be searched.
		at := bytes.LastIndex(file, []byte("startxref"))
		broken := append(bytes.Clone(file[:at]), "startxref\n7\n%%EOF\n"...)
		if got := say(examined(t, broken)); got != `15 estimated, unknown, , copies 0, iso_a4_210x297mm, "", ""` {
			t.Errorf("%s, searched: %s", kind, got)
		}
		locked := encryptedPDF(t, kind, strings.Replace(c.dict, "/O <", "/O <ff", 1), 15)
		if strings.Contains(kind, "256") {
			locked = encryptedPDF(t, kind, strings.Replace(c.dict, "/U <", "/U <ff", 1), 15)
		}
		if got := examined(t, locked); got.Pages != nil || got.Certainty != Unknown {
			t.Errorf("%s, with a password: %s", kind, asJSON(got))
		}
	}
}

func FuzzPDFEncryption(f *testing.F) {
	for _, c := range encryptions {
		f.Add(c.dict, unhex(idOfVectors))
	}
	f.Fuzz(func(t *testing.T, dict string, id []byte) {
		p := pdfParser{b: []byte(dict), final: true}
		v, _ := p.parseObject(0)
		d, _ := v.(pdfDict)
		c := newPDFCrypt(d, id)
		if c == nil {
			return
		}
		r, err := c.decryptStream(strings.NewReader(dict), 20)
		if err != nil {
			return
		}
		var b [64]byte
		for {
			if _, err := r.Read(b[:]); err != nil {
				return
			}
		}
	})
}
