package spooler

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/spooler/docinfo"
)

// The paths of printers. The path of every job is mainPath, a slash and its id.
const (
	mainPath   = "/ipp/print"
	rasterPath = "/ipp/print/raster"
)

// Media types of documents that are accepted. A format is only offered if it may
// be stored and sent on unchanged.
const (
	formatPDF   = docinfo.FormatPDF
	formatPWG   = docinfo.FormatPWG
	formatURF   = docinfo.FormatURF
	formatOctet = "application/octet-stream"
)

var (
	documentFormats = []string{formatPDF, docinfo.FormatJPEG, formatPWG, formatURF, formatOctet}
	rasterFormats   = []string{formatPWG, formatURF}
)

// Resource is one of the printers that an address can have.
type Resource string

// Documents prefers PDF, and accepts JPEG and raster; Raster accepts only raster,
// for sites whose printers do not print PDF.
const (
	Documents Resource = "print"
	Raster    Resource = "raster"
)

// Path returns the path of the printer's URI.
func (r Resource) Path() string {
	if r == Raster {
		return rasterPath
	}
	return mainPath
}

// resource is one printer of an address: to print clients each is a printer of
// its own.
type resource struct {
	path            string
	formats         []string
	defaultFormat   string // document-format-default
	preferredFormat string // document-format-preferred
	commands        string // CMD of printer-device-id; must agree with formats
	name            string
	info            string
	uuid            string
	static          *staticAttributes
}

// newResources returns the configured printers, Documents first.
func newResources(c *Config) (rs []*resource, err error) {
	for i, name := range c.Resources {
		if name != Documents && name != Raster || slices.Contains(c.Resources[:i], name) {
			return nil, fmt.Errorf("the resource %q does not exist, or is named twice", name)
		}
	}
	if len(c.Resources) == 0 || slices.Contains(c.Resources, Documents) {
		rs = append(rs, newMain(c))
	}
	if slices.Contains(c.Resources, Raster) {
		r, err := newRaster(c)
		if err != nil {
			return nil, err
		}
		rs = append(rs, r)
	}
	return rs, nil
}

func newMain(c *Config) *resource {
	return &resource{
		path: mainPath, formats: documentFormats, defaultFormat: formatOctet, preferredFormat: formatPDF, commands: "PDF,JPEG,PWGRaster,URF",
		name: c.Name, info: c.Info, uuid: c.UUID,
	}
}

// newRaster returns the printer for raster. Its uuid is derived from the
// configured one, so it is as stable.
func newRaster(c *Config) (*resource, error) {
	u, err := uuid.Parse(c.UUID)
	if err != nil {
		return nil, fmt.Errorf("reading the printer's uuid: %w", err)
	}
	return &resource{
		path: rasterPath, formats: rasterFormats, defaultFormat: formatPWG, preferredFormat: formatPWG, commands: "PWGRaster,URF",
		name: ipp.Clean(c.Name, maxPrinterName-len(rasterName)) + rasterName, info: ipp.Clean(c.Info, maxPrinterName-len(rasterInfo)) + rasterInfo,
		uuid: uuid.NewSHA1(u, []byte("raster")).URN(),
	}, nil
}

const (
	maxPrinterName = 127 // bytes of printer-name and printer-info: RFC 8011 §5.4
	rasterName     = "-raster"
	rasterInfo     = " (raster)"
)
