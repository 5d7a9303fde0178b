package keystore

// Per system, in files_unix.go and files_windows.go:
//
//   - checkFolder and checkFile give an InsecureError if another account may
//     have had its hands on the folder or the file.
//   - openNoFollow opens for reading; a symbolic link gives an InsecureError,
//     and a pipe does not make it wait.

func symlinkError(path string) error {
	return &InsecureError{Path: path, Reason: "is a symbolic link", Hint: "replace it by the file it points to"}
}
