package docinfo

import "bytes"

// Media types that are told by content.
const (
	FormatPDF        = "application/pdf"
	FormatPostScript = "application/postscript"
	FormatPCL        = "application/vnd.hp-pcl"
	FormatPCLXL      = "application/vnd.hp-pclxl"
	FormatJPEG       = "image/jpeg"
	FormatPNG        = "image/png"
	FormatPWG        = "image/pwg-raster"
	FormatURF        = "image/urf"
)

const (
	headSize  = 4096 // bytes in which a PJL header must name its language
	pdfWithin = 1024 // bytes within which %PDF- must begin: Adobe's PDF 1.7 implementation note 13
)

// magics are the signatures at the very beginning of a stream.
var magics = []struct{ magic, format string }{
	{"%PDF-", FormatPDF},
	{"\xff\xd8\xff", FormatJPEG},
	{"\x89PNG\r\n\x1a\n", FormatPNG},
	{"RaS2PwgRaster\x00", FormatPWG}, // PWG 5102.4 §4.3
	{"UNIRAST\x00", FormatURF},
	{"%!", FormatPostScript},
	{"\x04%!", FormatPostScript}, // old Windows drivers send Ctrl-D first
	{") HP-PCL XL;", FormatPCLXL},
	{"( HP-PCL XL;", FormatPCLXL},
	{"' HP-PCL XL;", FormatPCLXL},
	{"\x1bE", FormatPCL},
	{"\x1b&", FormatPCL},
	{"\x1b*", FormatPCL},
	{"\x1b(", FormatPCL},
}

// languages are the names PJL enters a language by.
var languages = map[string]string{
	"PCL":        FormatPCL,
	"PCLXL":      FormatPCLXL,
	"POSTSCRIPT": FormatPostScript,
	"PDF":        FormatPDF,
}

// sniff returns the format of a stream that begins with head, or "".
func sniff(head []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.format
		}
	}
	if bytes.HasPrefix(head, []byte("\x1b%-12345X")) || bytes.HasPrefix(head, []byte("@PJL")) {
		return sniffPJL(head)
	}
	if bytes.Contains(head[:min(len(head), pdfWithin+len("%PDF-")-1)], []byte("%PDF-")) {
		return FormatPDF
	}
	return ""
}

// sniffPJL finds the language that the PJL header at the beginning of head
// enters, or "".
func sniffPJL(head []byte) string {
	for line := range bytes.Lines(head) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			return ""
		}
		name, value, ok := bytes.Cut(bytes.ToUpper(line), []byte("="))
		fields := bytes.Fields(bytes.TrimPrefix(name, []byte("\x1b%-12345X")))
		if ok && len(fields) == 3 && string(fields[1]) == "ENTER" && string(fields[2]) == "LANGUAGE" {
			return languages[string(bytes.TrimSpace(value))]
		}
	}
	return ""
}
