package invitation_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"inviter/invitation"
)

// FuzzScan holds the scanner against the standard library: what both take, they
// read alike. The scanner alone is bounded, and refuses every declaration.
func FuzzScan(f *testing.F) {
	f.Add(jane.RA1())
	f.Add(jane.RA2())
	f.Add(jane.ConnectionString())
	f.Add([]byte(`<?xml version="1.0"?><!-- - --><a b = 'c"' d="&lt;&#65;&#x42;&amp;"><![CDATA[<x>]]><b:c/><d ></d ></a>`))
	f.Add([]byte("<a>" + strings.Repeat("<b>", 20)))
	f.Add([]byte("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, passed, r := invitation.Scan(text)
		if r != nil {
			if r.Code == "" || r.Detail == "" {
				t.Fatalf("%#v", r)
			}
			return
		}
		if len(list) == 0 || passed > len(text) {
			t.Fatalf("%d elements in %d of %d bytes", len(list), passed, len(text))
		}
		for _, e := range list {
			if len(e.Attributes) > 2*64 {
				t.Fatalf("%d attributes", len(e.Attributes)/2)
			}
		}
		want, err := standard(text[:passed])
		if err == nil && !reflect.DeepEqual(list, want) {
			t.Fatalf("read   %q\ninstead %q\nin %q", list, want, text)
		}
	})
}

// standard lists the elements as encoding/xml reads them. It fails on text
// outside of what both promise: foreign characters, bare "&", odd names.
func standard(text []byte) ([]invitation.Element, error) {
	if bytes.ContainsAny(text, "\r") {
		return nil, errors.New("line ends are made one kind by the library alone")
	}
	var list []invitation.Element
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		e := invitation.Element{Name: full(start.Name)}
		for _, a := range start.Attr {
			e.Attributes = append(e.Attributes, full(a.Name), a.Value)
		}
		list = append(list, e)
	}
}

func full(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}
