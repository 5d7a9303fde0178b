package spooler

import (
	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/version"
)

// unknownSupply describes paper and toner before a printer is chosen: nothing
// is known (−2 in the Printer MIB).
const unknownSupply = "That of the printer the job is released at"

// supplyAttributes returns those of PWG 5100.13 §5.6 and PWG 5110.1 that
// clients ask for.
func supplyAttributes() goipp.Attributes {
	return goipp.Attributes{
		octetString("printer-supply", "index=1;class=other;type=other;unit=percent;maxcapacity=-2;level=-2;colorantname=unknown;"),
		ipp.Text("printer-supply-description", unknownSupply),
		octetString("printer-input-tray", "type=other;unit=sheets;maxcapacity=-2;level=-2;status=0;name="+mediaSources[0]+";"),
		octetString("printer-output-tray", "type=other;unit=sheets;maxcapacity=-2;remaining=-2;status=0;name="+outputBins[0]+";"),
		ipp.Name("printer-firmware-name", "Print Scout"),
		ipp.Text("printer-firmware-string-version", ipp.Clean(version.Number, 127)),
		octetString("printer-firmware-version", ipp.Clean(version.Number, 127)),
		ipp.Text("printer-firmware-patches", ""),
	}
}

// extraAttributes returns attributes that depend on the Intake, and those that
// some clients ask for by names of their own.
func (p *Printer) extraAttributes() goipp.Attributes {
	attrs := goipp.Attributes{
		ipp.Keyword("ipp-features-supported", p.ippFeatures()...),
		ipp.Text("mopria-certified", mopriaVersion),
		ipp.Text("mopria_certified", mopriaVersion),
	}
	attrs = append(attrs, notificationAttributes()...)
	if p.supportsIdentify() {
		attrs.Add(ipp.Keyword("identify-actions-default", identifyActions[0]))
		attrs.Add(ipp.Keyword("identify-actions-supported", identifyActions...))
	}
	return attrs
}

// mopriaVersion is the version of Mopria's attribute set that is followed. Windows and
// Android look for it; Windows uses a second spelling.
const mopriaVersion = "1.3"

func octetString(name, value string) goipp.Attribute {
	return goipp.MakeAttr(name, goipp.TagString, goipp.Binary(value))
}
