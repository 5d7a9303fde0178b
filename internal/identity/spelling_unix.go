//go:build unix

package identity

func systemNames() spelling { return spelling{} }
