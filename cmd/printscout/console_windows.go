package main

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	kernel32       = windows.NewLazySystemDLL("kernel32.dll")
	consoleMembers = kernel32.NewProc("GetConsoleProcessList")
	freeConsole    = kernel32.NewProc("FreeConsole")
)

// hideConsole closes the window that Windows opens for a program that was
// started by itself, as at logon. One that others use too is left alone.
func hideConsole() {
	var ids [2]uint32
	if n, _, _ := consoleMembers.Call(uintptr(unsafe.Pointer(&ids)), uintptr(len(ids))); n == 1 {
		freeConsole.Call()
	}
}
