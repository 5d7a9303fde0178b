package tray

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
)

// pngOf returns an image as a PNG file.
func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	// A buffer takes everything, and these images have no color that PNG lacks.
	_ = png.Encode(&b, img)
	return b.Bytes()
}

// icoSizes are those that Windows shows in its panel, by the scale of the screen.
var icoSizes = []int{16, 20, 24, 32, 48}

const (
	icoHeader = 6
	icoEntry  = 16
	dibHeader = 40
)

// icoOf returns an icon as an ICO file, with a bitmap of 32 bits for each size.
func icoOf(i Icon) []byte {
	var head, body bytes.Buffer
	put(&head, uint16(0), uint16(1), uint16(len(icoSizes)))
	for _, size := range icoSizes {
		dib := dibOf(Picture(i, size))
		put(&head, uint8(size), uint8(size), uint8(0), uint8(0), uint16(1), uint16(32),
			uint32(len(dib)), uint32(icoHeader+icoEntry*len(icoSizes)+body.Len()))
		body.Write(dib)
	}
	return append(head.Bytes(), body.Bytes()...)
}

// dibOf returns an image as a device-independent bitmap: rows from the bottom,
// then a mask of one bit per pixel, which is not needed beside alpha but wanted.
func dibOf(img *image.NRGBA) []byte {
	var b bytes.Buffer
	size := img.Bounds().Dx()
	put(&b, uint32(dibHeader), int32(size), int32(2*size), uint16(1), uint16(32), [6]uint32{})
	for y := size - 1; y >= 0; y-- {
		for x := range size {
			c := img.NRGBAAt(x, y)
			b.Write([]byte{c.B, c.G, c.R, c.A})
		}
	}
	b.Write(make([]byte, size*((size+31)/32*4)))
	return b.Bytes()
}

func put(b *bytes.Buffer, values ...any) {
	for _, v := range values {
		// A buffer takes everything, and all values are of fixed size.
		_ = binary.Write(b, binary.LittleEndian, v)
	}
}
