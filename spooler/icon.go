package spooler

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// iconSizes lists the sizes of printer-icons in pixels: PWG 5100.13 §5.6.22.
var iconSizes = []int{48, 128, 512}

func iconPath(size int) string { return mainPath + "/icon-" + strconv.Itoa(size) + ".png" }

// iconAt returns the icon at a path.
func iconAt(path string) ([]byte, bool) {
	if !strings.HasSuffix(path, ".png") {
		return nil, false
	}
	for i, size := range iconSizes {
		if path == iconPath(size) {
			return icons()[i], true
		}
	}
	return nil, false
}

var icons = sync.OnceValue(func() (out [][]byte) {
	for _, size := range iconSizes {
		var b bytes.Buffer
		if err := png.Encode(&b, drawIcon(size)); err != nil {
			panic(err) // cannot happen: written to memory
		}
		out = append(out, b.Bytes())
	}
	return out
})

// drawIcon draws a printer: a body, with paper above and below.
func drawIcon(size int) image.Image {
	body, paper, clear := color.NRGBA{0x2f, 0x4a, 0x6d, 0xff}, color.NRGBA{0xf4, 0xf4, 0xf4, 0xff}, color.NRGBA{}
	i := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{clear, body, paper})
	for _, part := range []struct {
		color          uint8
		x0, y0, x1, y1 int // in 24ths
	}{{2, 7, 2, 17, 9}, {1, 2, 8, 22, 18}, {2, 6, 14, 18, 22}, {2, 18, 10, 20, 12}} {
		r := image.Rect(part.x0*size/24, part.y0*size/24, part.x1*size/24, part.y1*size/24)
		draw.Draw(i, r, image.NewUniform(i.Palette[part.color]), image.Point{}, draw.Src)
	}
	return i
}

// serveIcon responds to GET and HEAD of an icon. No web page may show it.
func (p *Printer) serveIcon(w http.ResponseWriter, icon []byte) {
	h := w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("Content-Length", strconv.Itoa(len(icon)))
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(p.limits.AnswerTimeout))
	_, _ = w.Write(icon)
}
