package docinfo

import "bytes"

// Media types that are recognized by content.
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

// magics lists the signatures at the very beginning of a stream.
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

// languageNames maps the names in PJL's ENTER LANGUAGE to formats.
var languageNames = map[string]string{
	"PCL":        FormatPCL,
	"PCLXL":      FormatPCLXL,
	"POSTSCRIPT": FormatPostScript,
	"PDF":        FormatPDF,
}

// labelMagics lists how streams for label printers begin, which look like text.
var labelMagics = []string{"^XA", "^FX", "~", "! 0 ", "SIZE ", "\nN\n"}

// sniffFormat returns the format of a stream that begins with head, or "". As
// more of the stream arrives, "" and FormatText may become any format, and
// FormatPDF may become FormatPCLm; others do not change.
func sniffFormat(head []byte) string {
	if format := formatByMagic(head); format != "" {
		return pdfOrPCLm(format, head)
	}
	if isPJL(head) {
		return sniffPJL(head)
	}
	if bytes.HasPrefix(bytes.TrimLeft(head[:min(len(head), pdfWithin)], beforePostScript), []byte("%!")) {
		return FormatPostScript
	}
	if bytes.Contains(head[:min(len(head), pdfWithin+len("%PDF-")-1)], []byte("%PDF-")) {
		return pdfOrPCLm(FormatPDF, head)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && isXPS(head):
		return FormatXPS
	case isText(head):
		return FormatText
	}
	return ""
}

// beforePostScript holds what may precede PostScript: a byte order mark,
// Ctrl-D, blank lines.
const beforePostScript = "\ufeff\x04\r\n \t"

func formatByMagic(head []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.format
		}
	}
	return ""
}

// pdfOrPCLm returns FormatPCLm for a PDF with the comment after its header that
// PCLm has.
func pdfOrPCLm(format string, head []byte) string {
	if format == FormatPDF && bytes.Contains(head[:min(len(head), pdfWithin)], []byte("\n%PCLm")) {
		return FormatPCLm
	}
	return format
}

// isXPS reports whether head names the parts that every XPS document has and no
// other package.
func isXPS(head []byte) bool {
	return bytes.Contains(head, []byte(".fdseq")) || bytes.Contains(head, []byte(".fdoc")) || bytes.Contains(head, []byte(".fpage"))
}

// isText reports whether head is lines of text and not a label.
func isText(head []byte) bool {
	for _, l := range labelMagics {
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

// formatAfterPJL returns the language in which a printer reads data after PJL,
// "" where it is not a language.
func formatAfterPJL(head []byte) string {
	switch format := formatByMagic(head); format {
	case FormatPDF, FormatPostScript, FormatPCL, FormatPCLXL:
		return pdfOrPCLm(format, head)
	}
	return ""
}

// sniffPJL returns the language that the PJL header in head enters, or that of
// the data after the header; "" where there is neither.
func sniffPJL(head []byte) string {
	for len(head) > 0 {
		head = bytes.TrimPrefix(head, uel)
		if !bytes.HasPrefix(head, []byte("@PJL")) && len(bytes.TrimLeft(head, "\r\n \x04")) > 0 && !bytes.HasPrefix([]byte("@PJL"), head) {
			head = bytes.TrimLeft(head, "\r\n \x04")
			if !bytes.HasPrefix(head, []byte("@PJL")) && !bytes.HasPrefix(head, uel) {
				return formatAfterPJL(head)
			}
			continue
		}
		line, rest, ok := bytes.Cut(head, []byte("\n"))
		if !ok {
			return ""
		}
		head = rest
		name, value, ok := bytes.Cut(bytes.ToUpper(line), []byte("="))
		if f := bytes.Fields(name); ok && len(f) == 3 && string(f[1]) == "ENTER" && string(f[2]) == "LANGUAGE" {
			return languageNames[string(bytes.TrimSpace(value))]
		}
	}
	return ""
}
