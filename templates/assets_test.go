package templates_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"inviter/templates"
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
	for _, name := range templates.Scripts() {
		part, err := os.ReadFile("asset/app/" + name + ".js")
		if n := bytes.Count(part, []byte("\n")); err != nil || n >= 80 {
			t.Errorf("%s of the script has %d lines, %v", name, n, err)
		}
		if !bytes.Contains(script.Plain, part) {
			t.Errorf("%s is not in the script", name)
		}
	}
	if files, err := os.ReadDir("asset/app"); err != nil || len(files) != len(templates.Scripts()) {
		t.Errorf("%d files for %d parts, %v", len(files), len(templates.Scripts()), err)
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
