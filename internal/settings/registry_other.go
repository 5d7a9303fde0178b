//go:build !windows

package settings

// readRegistry returns nothing: only Windows has a registry.
func readRegistry(string) ([]registryEntry, error) { return nil, nil }
