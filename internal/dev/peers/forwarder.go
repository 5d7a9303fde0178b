package peers

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
)

// The layout of the library, in the file and in memory.
const (
	fileAlign    = 0x200
	sectionAlign = 0x1000
	headerSize   = fileAlign
	peAt         = 64
	exportsSize  = 40 // of an export directory
)

// forwarderDLL returns a library for 64-bit Windows without code: its one function
// forwards to a function of another library ("PE Format", The .edata Section, Export
// Address Table, on learn.microsoft.com).
func forwarderDLL(library, function, to string) []byte {
	exports := exportsOf(library, function, to)
	var b bytes.Buffer
	b.WriteString("MZ")
	b.Write(make([]byte, 58))
	put := func(v any) { binary.Write(&b, binary.LittleEndian, v) } // never fails: a buffer
	put(uint32(peAt))
	b.WriteString("PE\x00\x00")
	optional := pe.OptionalHeader64{
		Magic: 0x20b, SizeOfInitializedData: fileAlign, ImageBase: 0x26b400000,
		SectionAlignment: sectionAlign, FileAlignment: fileAlign,
		MajorOperatingSystemVersion: 6, MajorSubsystemVersion: 6,
		SizeOfImage: 2 * sectionAlign, SizeOfHeaders: headerSize,
		Subsystem: pe.IMAGE_SUBSYSTEM_WINDOWS_CUI, DllCharacteristics: pe.IMAGE_DLLCHARACTERISTICS_NX_COMPAT,
		NumberOfRvaAndSizes: 16,
	}
	optional.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_EXPORT] = pe.DataDirectory{VirtualAddress: sectionAlign, Size: uint32(len(exports))}
	put(pe.FileHeader{
		Machine: pe.IMAGE_FILE_MACHINE_AMD64, NumberOfSections: 1, SizeOfOptionalHeader: uint16(binary.Size(optional)),
		Characteristics: pe.IMAGE_FILE_EXECUTABLE_IMAGE | pe.IMAGE_FILE_LARGE_ADDRESS_AWARE | pe.IMAGE_FILE_DLL,
	})
	put(optional)
	put(pe.SectionHeader32{
		Name: [8]uint8{'.', 'e', 'd', 'a', 't', 'a'}, VirtualSize: uint32(len(exports)), VirtualAddress: sectionAlign,
		SizeOfRawData: fileAlign, PointerToRawData: headerSize,
		Characteristics: pe.IMAGE_SCN_CNT_INITIALIZED_DATA | pe.IMAGE_SCN_MEM_READ,
	})
	b.Write(make([]byte, headerSize-b.Len()))
	b.Write(exports)
	b.Write(make([]byte, headerSize+fileAlign-b.Len()))
	return b.Bytes()
}

// exportsOf returns an export directory of one function, with its tables and texts.
func exportsOf(library, function, to string) []byte {
	const functionsAt = sectionAlign + exportsSize
	const namesAt, ordinalsAt, textsAt = functionsAt + 4, functionsAt + 8, functionsAt + 10
	libraryAt := uint32(textsAt)
	functionAt := libraryAt + uint32(len(library)) + 1
	toAt := functionAt + uint32(len(function)) + 1
	var b bytes.Buffer
	// Flags, time, version; name; first ordinal, counts; the three tables.
	for _, v := range []uint32{0, 0, 0, libraryAt, 1, 1, 1, functionsAt, namesAt, ordinalsAt, toAt, functionAt} {
		binary.Write(&b, binary.LittleEndian, v) // never fails: a buffer
	}
	b.Write([]byte{0, 0})
	b.WriteString(library + "\x00" + function + "\x00" + to + "\x00")
	return b.Bytes()
}
