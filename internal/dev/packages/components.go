package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// components returns the CycloneDX list of what is in the binary. It has neither
// time nor serial number, so that it can be made again.
func (b *bundle) components(ctx context.Context) (map[string]any, error) {
	path := filepath.Join(b.stage, "components.json")
	c := exec.CommandContext(ctx, filepath.Join(b.tools, "cyclonedx-gomod"), "bin", "-json", "-noserial", "-notimestamp", "-std",
		"-version", "v"+b.number.String(), "-output", path, b.binary())
	c.Dir = b.source
	if err := runQuiet(c); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list map[string]any
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("reading the list of components: %w", err)
	}
	return list, nil
}

// writeComponents writes the list for one package, whose name and checksum it has.
func (b *bundle) writeComponents(list map[string]any, name string) error {
	content, err := os.ReadFile(filepath.Join(b.made, name))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	list = maps.Clone(list)
	list["externalReferences"] = []any{map[string]any{
		"type": "distribution", "url": name,
		"hashes": []any{map[string]any{"alg": "SHA-256", "content": hex.EncodeToString(sum[:])}},
	}}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.made, name+".cdx.json"), append(text, '\n'), 0o644)
}

// databaseTime bounds the questions to the vulnerability database.
const databaseTime = 2 * time.Minute

// writeExploitability writes what is known of vulnerabilities in the binary
// (OpenVEX), or says that the database did not answer.
func (b *bundle) writeExploitability(ctx context.Context) error {
	tool := filepath.Join(b.tools, "govulncheck")
	if _, err := os.Stat(tool); err != nil {
		b.log("%s, %s: no OpenVEX, govulncheck is not installed", b.product, b.arch)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTime)
	defer cancel()
	text, err := exec.CommandContext(ctx, tool, "-mode", "binary", "-format", "openvex", b.binary()).Output()
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if err != nil || len(text) == 0 {
		b.log("%s, %s: no OpenVEX, the vulnerability database did not answer", b.product, b.arch)
		return nil
	}
	name := fmt.Sprintf("%s-%s-linux-%s.openvex.json", b.product, b.number, b.arch)
	return os.WriteFile(filepath.Join(b.made, name), text, 0o644)
}
