package scout

// syncFolder has nothing to do: NTFS journals a rename, and folders cannot be
// flushed.
func syncFolder(string) error { return nil }
