package raw

import (
	"slices"
	"strings"
)

// languageFormats are the formats that a printer may take on port 9100, the names
// that PJL enters them by, if any, and their other names in printers and in
// the tables of SNMP (RFC 3805, PrtInterpreterLangFamilyTC), in capitals.
var languageFormats = []struct {
	format, pjl string
	names       []string
}{
	{"application/pdf", "PDF", []string{"PDF", "DIRECTPDF"}},
	{"application/postscript", "POSTSCRIPT", []string{"POSTSCRIPT", "PS", "PS2", "PS3", "POSTSCRIPT2", "POSTSCRIPT3", "BRSCRIPT", "BRSCRIPT3", "KPDL", "KPDL3"}},
	{"application/vnd.hp-pcl", "PCL", []string{"PCL", "PCL5", "PCL5C", "PCL5E", "PCL5CE"}},
	{"application/vnd.hp-pclxl", "PCLXL", []string{"PCLXL", "PCL6", "PXL", "XL"}},
	{"image/urf", "", []string{"URF", "APPLERASTER"}},
	{"image/pwg-raster", "", []string{"PWG", "PWGRASTER"}},
	{"application/PCLm", "", []string{"PCLM"}},
	{"image/jpeg", "", []string{"JPEG", "JPG"}},
	{"image/tiff", "", []string{"TIFF", "TIF"}},
	{"text/plain", "PCL", []string{"TEXT", "TXT", "SIMPLETEXT"}},
}

// Language returns the name by which PJL enters a document format (a media
// type), "" if the printer has to find out itself.
func Language(format string) string {
	for _, l := range languageFormats {
		if strings.EqualFold(l.format, format) {
			return l.pjl
		}
	}
	return ""
}

// Formats returns the document formats that a printer is known to take, and
// whether it names PJL: from its IEEE 1284 device id (the command set) and
// from the names of its languages, as in its PJL configuration or its table of
// interpreters in SNMP. Ambiguous names are ignored.
func Formats(id1284 string, names []string) (formats []string, pjl bool) {
	for _, name := range append(commandSet(id1284), names...) {
		name = canonicalName(name)
		pjl = pjl || name == "PJL"
		if f := formatOf(name); f != "" && !slices.Contains(formats, f) {
			formats = append(formats, f)
		}
	}
	return formats, pjl
}

// canonicalName returns a name without what vendors write differently in it.
func canonicalName(name string) string {
	name = strings.TrimPrefix(strings.TrimSpace(name), "lang")
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(name))
}

func formatOf(name string) string {
	for _, l := range languageFormats {
		if slices.Contains(l.names, name) {
			return l.format
		}
	}
	// PDF and its version: PDF17, PDF1.7.
	if rest, ok := strings.CutPrefix(name, "PDF"); ok && strings.Trim(rest, "0123456789.") == "" {
		return "application/pdf"
	}
	return ""
}

// commandSet returns the list after CMD or COMMAND SET (IEEE 1284-2000 §7.6).
func commandSet(id string) []string {
	for field := range strings.SplitSeq(id, ";") {
		key, value, _ := strings.Cut(field, ":")
		switch strings.ToUpper(strings.TrimSpace(key)) {
		case "CMD", "COMMAND SET", "COMMANDSET":
			return strings.Split(value, ",")
		}
	}
	return nil
}
