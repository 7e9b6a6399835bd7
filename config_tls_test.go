package studiobot_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot"
)

// writePair writes a certificate and its key.
func writePair(t *testing.T, cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"studio.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTLSPair(t *testing.T) {
	t.Parallel()
	folder := configFolder(t)
	in := func(name string) string { return filepath.Join(folder, name) }
	writePair(t, in("cert.pem"), in("key.pem"))
	writePair(t, in("other.pem"), in("other-key.pem"))
	for yaml, want := range map[string]string{
		"tls: {cert: cert.pem, key: key.pem}":               "",
		"tls: {cert: " + in("cert.pem") + ", key: key.pem}": "",
		"tls:\n  key: key.pem\n  cert: other.pem":           "studiobot.yaml:8: tls: the pair can't be loaded (",
		"tls: {cert: no.pem, key: key.pem}":                 "studiobot.yaml:6: tls: the pair can't be loaded (open no.pem: no such file or directory)",
		"tls: {cert: users.yaml, key: key.pem}":             "studiobot.yaml:6: tls: the pair can't be loaded (",
	} {
		cfg, err := studiobot.Parse(in("studiobot.yaml"), []byte(least+yaml+"\n"), tokens)
		got := mistakeLines(t, folder, err)
		switch {
		case want == "" && (err != nil || cfg.TLS.Cert != in("cert.pem") || cfg.TLS.Key != in("key.pem")):
			t.Errorf("%s: got %+v, %v", yaml, cfg.TLS, err)
		case want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], want)):
			t.Errorf("%s: got %q", yaml, got)
		}
	}
}
