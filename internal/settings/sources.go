package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Origin is where a value came from.
type Origin string

// The origins, strongest first. Nothing comes from the site yet.
const (
	FromPolicy    Origin = "policy"
	FromSite      Origin = "site"
	FromFlag      Origin = "flag" // of the command line that started the agent
	FromInstaller Origin = "installer"
	FromFile      Origin = "file"
	FromDefault   Origin = "default"
)

// Setters returns the sources that may set a setting whose SetBy is empty.
func Setters() []Origin { return []Origin{FromPolicy, FromInstaller, FromFile} }

// Sources says where settings are read. An empty field is a source that this
// computer does not have.
type Sources struct {
	PolicyFolder  string // of *.json, merged in the order of their names
	PolicyPlist   string // macOS's managed preferences
	PolicyKey     string // of the registry, below HKLM
	InstallerFile string
	InstallerKey  string // of the registry, below HKLM
	File          string // the configuration file
	FileNamed     bool   // it was asked for, so it must be there
	// Owner is the account, besides root, that files of policy may belong to: 0,
	// unless a test says otherwise. Files of the installer may also belong to the
	// account that reads them.
	Owner int

	readKey func(string) ([]registryEntry, error) // nil: the registry
}

// Computer returns the sources of this computer, with another configuration
// file if file is not empty. The installer's values of an agent with a file of
// its own stand beside that file.
func Computer(file string) Sources {
	s := computerSources()
	s.File, s.FileNamed = file, file != ""
	if !s.FileNamed {
		s.File = DefaultFile()
	}
	if s.InstallerKey == "" {
		s.InstallerFile = InstallerFile(s.File)
	} else if s.FileNamed {
		s.InstallerKey = ""
	}
	return s
}

// InstallerFile returns the file of the installer's values beside a
// configuration file.
func InstallerFile(file string) string { return filepath.Join(filepath.Dir(file), "installer.json") }

// reading is what one source has.
type reading struct {
	origin   Origin
	values   rawValues
	failures []Problem // files or keys that cannot be used
}

// maxPolicyFiles is how many files a folder of policy may have.
const maxPolicyFiles = 256

// readSources reads every source, strongest first. An error is one of the
// configuration file.
func (s *Sources) readSources() ([]reading, error) {
	policy := reading{origin: FromPolicy, values: rawValues{}}
	s.readPolicyFolder(&policy)
	if s.PolicyPlist != "" {
		s.readPolicyFile(&policy, s.PolicyPlist, parsePlist)
	}
	s.readRegistryKey(&policy, s.PolicyKey)

	installer := reading{origin: FromInstaller, values: rawValues{}}
	if s.InstallerFile != "" {
		s.readInstallerFile(&installer)
	}
	s.readRegistryKey(&installer, s.InstallerKey)
	for _, name := range installationNames {
		delete(installer.values, strings.ToLower(name))
	}

	file, err := s.readConfiguration()
	return []reading{policy, installer, {origin: FromFile, values: file}}, err
}

func isKnown(name string) bool {
	_, ok := Find(name)
	return ok
}

// readPolicyFolder reads the files of the policy folder. None of them counts if
// the folder cannot be trusted.
func (s *Sources) readPolicyFolder(to *reading) {
	if s.PolicyFolder == "" {
		return
	}
	entries, err := readTrustedFolder(s.PolicyFolder, []int{0, s.Owner})
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	names := slices.DeleteFunc(entries, func(name string) bool {
		return filepath.Ext(name) != ".json" || strings.HasPrefix(name, ".")
	})
	if err == nil && len(names) > maxPolicyFiles {
		err = fmt.Errorf("it has more than %d files", maxPolicyFiles)
	}
	if err != nil {
		to.addFailure(s.PolicyFolder, err)
		return
	}
	slices.Sort(names)
	for _, name := range names {
		s.readPolicyFile(to, filepath.Join(s.PolicyFolder, name), parseJSON)
	}
}

// readPolicyFile merges a file of policy into what was read before it.
func (s *Sources) readPolicyFile(to *reading, path string, parse func([]byte, string) (rawValues, error)) {
	to.addFile(path, []int{0, s.Owner}, parse)
}

func (s *Sources) readInstallerFile(to *reading) {
	to.addFile(s.InstallerFile, []int{0, s.Owner, os.Geteuid()}, parseJSON)
}

func (r *reading) addFile(path string, owners []int, parse func([]byte, string) (rawValues, error)) {
	raw, err := readTrustedFile(path, owners)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var values rawValues
	if err == nil {
		values, err = parse(raw, path)
	}
	if err != nil {
		r.addFailure(path, err)
		return
	}
	r.values.merge(values)
}

func (s *Sources) readRegistryKey(to *reading, path string) {
	if path == "" {
		return
	}
	read := s.readKey
	if read == nil {
		read = readRegistry
	}
	entries, err := read(path)
	if err != nil {
		to.addFailure(path, err)
		return
	}
	to.values.merge(registryValues(entries, path))
}

func (r *reading) addFailure(where string, err error) {
	r.failures = append(r.failures, Problem{Origin: r.origin, Where: where, Message: "it is not used: " + err.Error()})
}

// readConfiguration reads the configuration file, if there is one or if it was
// asked for.
func (s *Sources) readConfiguration() (rawValues, error) {
	if s.File == "" {
		return nil, nil
	}
	raw, err := readFile(s.File)
	if errors.Is(err, fs.ErrNotExist) && !s.FileNamed {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	values, err := parseJSON(raw, s.File)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration %s: %w", s.File, err)
	}
	return values, nil
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBounded(f)
}
