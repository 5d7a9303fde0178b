package docinfo

import "github.com/printscout/printscout/internal/pwg"

// mediaOfPoints returns the name for a size in 1/72 inch.
func mediaOfPoints(width, height float64) string {
	return pwg.OfSize(width*2540/72, height*2540/72)
}
