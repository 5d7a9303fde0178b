package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// LoadPublic reads the public part of the site in dir; it returns ErrFormat if
// that is damaged. It does not read the directory: see LoadDirectory.
func LoadPublic(dir string) (Public, error) { return folder{path: dir}.readPublic() }

// LoadDirectory reads the directory of the site in dir and checks it against the
// public part there, following its succession. It also returns the envelope,
// byte for byte. No password is needed.
func LoadDirectory(dir string) (*Directory, []byte, error) {
	f := folder{path: dir}
	public, err := f.readPublic()
	if err != nil {
		return nil, nil, err
	}
	data, err := f.readEnvelope()
	if err != nil {
		return nil, nil, err
	}
	d, _, err := Lineage{public}.Accept(data)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", f.filePath(directoryName), err)
	}
	return d, data, nil
}

// LoadEnvelope reads the envelope in dir, at most 4 MiB and one byte, without
// parsing it.
func LoadEnvelope(dir string) ([]byte, error) { return folder{path: dir}.readEnvelope() }

// LoadWarnings returns sentences about what is weaker than it should be in the
// site in dir, as far as that can be seen without the password. A folder with only
// the public files has none.
func LoadWarnings(dir string) ([]string, error) {
	f := folder{path: dir}
	file, err := f.readSiteFile()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := f.siteWarnings(file)
	if err != nil {
		return nil, err
	}
	public, err := f.readPublic()
	if err == nil && !public.equal(file.Public) {
		out = append(out, "a rotation of the root was interrupted: the next command that is given the password completes it")
	}
	return out, err
}

func (f folder) readPublic() (Public, error) {
	data, err := f.readFile(publicName, maxPublicFile)
	if err != nil {
		return Public{}, fmt.Errorf("read public part of site: %w", err)
	}
	p, err := parsePublic(data)
	if err != nil {
		return Public{}, fmt.Errorf("read %s: %w", f.filePath(publicName), err)
	}
	return p, nil
}

func parsePublic(data []byte) (Public, error) {
	if len(data) > maxPublicFile {
		return Public{}, malformed("larger than %d bytes", maxPublicFile)
	}
	var p Public
	if err := unmarshalStrict(data, &p); err != nil {
		return Public{}, err
	}
	return p, p.Validate()
}

func (f folder) readDirectory(public Public) (*Directory, error) {
	data, err := f.readEnvelope()
	if err != nil {
		return nil, err
	}
	d, err := public.Check(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.filePath(directoryName), err)
	}
	return d, nil
}

func (f folder) readEnvelope() ([]byte, error) {
	data, err := f.readFile(directoryName, maxEnvelope)
	if err != nil {
		return nil, fmt.Errorf("read directory of site: %w", err)
	}
	return data, nil
}

func (f folder) readSiteFile() (siteFile, error) {
	data, err := f.readFile(siteName, maxSiteFile)
	if err != nil {
		return siteFile{}, fmt.Errorf("read site: %w", err)
	}
	site, err := parseSiteFile(data)
	if err != nil {
		return siteFile{}, fmt.Errorf("read %s: %w", f.filePath(siteName), err)
	}
	return site, nil
}

// encodeIndented encodes files that people may read.
func encodeIndented(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return append(data, '\n'), nil
}
