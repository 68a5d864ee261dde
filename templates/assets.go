package templates

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
)

//go:embed asset
var assetFiles embed.FS

// Asset is one file that pages refer to.
type Asset struct {
	Type    string // media type
	Plain   []byte
	Gzipped []byte
}

// Assets are served under paths that hold a hash of the content, so they can be
// kept for ever and a new version is never mixed with an old page.
type Assets struct {
	byPath map[string]Asset  // "/assets/style.0123abcd.css"
	byName map[string]string // "style.css" → path
	sums   map[string]string // "style.css" → "sha256-…", as policies and integrity attributes have it
}

// Path is where the asset of that name is served; "" for an unknown one.
func (a Assets) Path(name string) string { return a.byName[name] }

// need is Path for a page: one that names no asset of ours is not rendered.
func (a Assets) need(name string) (string, error) {
	if p := a.Path(name); p != "" {
		return p, nil
	}
	return "", fmt.Errorf("no asset is called %s", name)
}

// Scripts are the hashes of all scripts, for a policy that lets no other run.
func (a Assets) Scripts() []string {
	var list []string
	for name, sum := range a.sums {
		if path.Ext(name) == ".js" {
			list = append(list, sum)
		}
	}
	slices.Sort(list)
	return list
}

// integrity is the hash that a page expects of an asset.
func (a Assets) integrity(name string) string { return a.sums[name] }

// Find is the asset at a path.
func (a Assets) Find(path string) (Asset, bool) {
	found, ok := a.byPath[path]
	return found, ok
}

// mediaTypes are fixed, so that the host's own table decides nothing.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

// loadAssets can't fail: what it reads is part of the program.
func loadAssets() Assets {
	a := Assets{byPath: map[string]Asset{}, byName: map[string]string{}, sums: map[string]string{}}
	files, _ := assetFiles.ReadDir("asset")
	for _, file := range files {
		if !file.IsDir() {
			content, _ := assetFiles.ReadFile("asset/" + file.Name())
			a.add(file.Name(), content)
		}
	}
	a.add("app.js", script())
	return a
}

// scripts are the parts of the pages' script, in the order in which they are
// one module: each file has one subject, and a page loads one file.
func scripts() []string { return []string{"page", "merge", "live", "told", "hands", "start"} }

func script() []byte {
	var whole []byte
	for _, name := range scripts() {
		content, _ := assetFiles.ReadFile("asset/app/" + name + ".js")
		whole = append(whole, content...)
	}
	return whole
}

func (a Assets) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	p := "/assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a.byName[name] = p
	a.sums[name] = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
	a.byPath[p] = Asset{Type: mediaType(name), Plain: content, Gzipped: squeeze(content)}
}

func squeeze(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(content) // into memory: can't fail
	_ = w.Close()
	return b.Bytes()
}
