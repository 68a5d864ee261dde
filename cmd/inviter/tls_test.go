package main

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// With a certificate of its own the server speaks HTTPS, HTTP/2 too, and its
// links begin accordingly.
func TestServeHTTPS(t *testing.T) {
	t.Parallel()
	other := httptest.NewTLSServer(nil) // has a certificate for 127.0.0.1
	defer other.Close()
	key, err := x509.MarshalPKCS8PrivateKey(other.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate().Raw})))
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	o := newOffice(t, "tls_cert = '"+certFile+"'\ntls_key = '"+keyFile+"'\n", "")
	server, address := o.serve(t)
	if link := server.Out.Await(t, "within 24 hours:\n"); !strings.HasPrefix(address, "https://127.0.0.1:") || !strings.HasPrefix(link, address) {
		t.Errorf("address %s, link %s", address, link)
	}
	trust := x509.NewCertPool()
	trust.AddCert(other.Certificate())
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig.RootCAs = trust
	r, err := (&http.Client{Transport: transport}).Get(address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK || r.ProtoMajor != 2 {
		t.Errorf("%s %s", r.Proto, r.Status)
	}
}
