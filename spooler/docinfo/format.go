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
	FormatPCLm       = "application/PCLm"
	FormatTIFF       = "image/tiff"
	FormatXPS        = "application/vnd.ms-xpsdocument"
	FormatOXPS       = "application/oxps"
	FormatText       = "text/plain"
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
	{"II*\x00", FormatTIFF},
	{"MM\x00*", FormatTIFF},
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

// labels are how streams for label printers begin, which look like text.
var labels = []string{"^XA", "^FX", "~", "! 0 ", "SIZE ", "\nN\n"}

// sniff returns the format of a stream that begins with head, or "". With more
// of the stream, "" and FormatText may become anything, FormatPDF may become
// FormatPCLm, and nothing else changes.
func sniff(head []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return ofPDF(m.format, head)
		}
	}
	if isPJL(head) {
		return sniffPJL(head)
	}
	if bytes.Contains(head[:min(len(head), pdfWithin+len("%PDF-")-1)], []byte("%PDF-")) {
		return ofPDF(FormatPDF, head)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && isXPS(head):
		return FormatXPS
	case isText(head):
		return FormatText
	}
	return ""
}

// ofPDF tells PCLm, which says so in a comment behind the header, from PDF.
func ofPDF(format string, head []byte) string {
	if format == FormatPDF && bytes.Contains(head[:min(len(head), pdfWithin)], []byte("\n%PCLm")) {
		return FormatPCLm
	}
	return format
}

// isXPS looks for the parts that every XPS document has and no other package.
func isXPS(head []byte) bool {
	return bytes.Contains(head, []byte(".fdseq")) || bytes.Contains(head, []byte(".fdoc")) || bytes.Contains(head, []byte(".fpage"))
}

// isText says whether head is lines of text and no label.
func isText(head []byte) bool {
	for _, l := range labels {
		if bytes.HasPrefix(head, []byte(l)) {
			return false
		}
	}
	letters := false
	for _, b := range head {
		if b < ' ' && (b < '\b' || b > '\r') || b == 0x7f {
			return false
		}
		letters = letters || b > ' '
	}
	return letters
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
