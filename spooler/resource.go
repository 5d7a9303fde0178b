package spooler

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/spooler/docinfo"
)

// The paths of printers. A job's is that of mainPath with its number behind a
// further slash, wherever it was made.
const (
	mainPath   = "/ipp/print"
	rasterPath = "/ipp/print/raster"
)

// Media types of documents that are taken. A format is only offered if it may
// be stored as it comes and sent on as it is.
const (
	formatPDF   = docinfo.FormatPDF
	formatPWG   = docinfo.FormatPWG
	formatURF   = docinfo.FormatURF
	formatOctet = "application/octet-stream"
)

var (
	formats       = []string{formatPDF, docinfo.FormatJPEG, formatPWG, formatURF, formatOctet}
	rasterFormats = []string{formatPWG, formatURF}
)

// Resource is one of the printers that there can be at an address.
type Resource string

// Documents takes PDF first, and JPEG and raster; Raster takes raster alone,
// for sites whose printers take no PDF.
const (
	Documents Resource = "print"
	Raster    Resource = "raster"
)

// Path is that of the printer's URI.
func (r Resource) Path() string {
	if r == Raster {
		return rasterPath
	}
	return mainPath
}

// resource is one printer of those that an address has: print clients take it
// for one of its own.
type resource struct {
	path     string
	formats  []string
	usual    string // document-format where none is named: document-format-default
	best     string // document-format-preferred
	commands string // CMD of printer-device-id; has to agree with formats
	name     string
	info     string
	uuid     string
	static   *staticAttributes
}

// newResources makes the printers of a configuration, Documents first.
func newResources(c *Config) (rs []*resource, err error) {
	for i, name := range c.Resources {
		if name != Documents && name != Raster || slices.Contains(c.Resources[:i], name) {
			return nil, fmt.Errorf("there is no resource %q, or it is there twice", name)
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
		path: mainPath, formats: formats, usual: formatOctet, best: formatPDF, commands: "PDF,JPEG,PWGRaster,URF",
		name: c.Name, info: c.Info, uuid: c.UUID,
	}
}

// newRaster takes raster alone. Its uuid follows from the other's, so that it
// stays the same as long as that does.
func newRaster(c *Config) (*resource, error) {
	u, err := uuid.Parse(c.UUID)
	if err != nil {
		return nil, fmt.Errorf("reading the printer's uuid: %w", err)
	}
	return &resource{
		path: rasterPath, formats: rasterFormats, usual: formatPWG, best: formatPWG, commands: "PWGRaster,URF",
		name: ipp.Clean(c.Name, nameMost-len(rasterName)) + rasterName, info: ipp.Clean(c.Info, nameMost-len(rasterInfo)) + rasterInfo,
		uuid: uuid.NewSHA1(u, []byte("raster")).URN(),
	}, nil
}

const (
	nameMost   = 127 // bytes of printer-name and printer-info: RFC 8011 §5.4
	rasterName = "-raster"
	rasterInfo = " (raster)"
)
