package studiobot

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// writeCertificate writes a self-signed pair with that serial number; an empty
// path is left out.
func writeCertificate(t *testing.T, files TLS, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{"studio.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{files.Cert: {Type: "CERTIFICATE", Bytes: der}, files.Key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if path == "" {
			continue
		}
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// serves expects the pair with that serial number.
func serves(t *testing.T, c *certificate, when string, serial int64) {
	t.Helper()
	pair, err := c.get(&tls.ClientHelloInfo{})
	if err != nil || pair == nil {
		t.Fatalf("%s: %v", when, err)
	}
	if got := pair.Leaf.SerialNumber.Int64(); got != serial {
		t.Errorf("%s: certificate %d is served, want %d", when, got, serial)
	}
}

// A renewed certificate is served without a restart, a minute later at most; one
// that is half there or gone leaves the last good one in place.
func TestRenewedCertificate(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	files := TLS{Cert: filepath.Join(folder, "cert.pem"), Key: filepath.Join(folder, "key.pem")}
	synctest.Test(t, func(t *testing.T) {
		c := &certificate{files: files, log: slog.New(slog.DiscardHandler)}
		if _, err := c.get(nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without files: %v", err)
		}
		writeCertificate(t, files, 1)
		serves(t, c, "at the start", 1)
		writeCertificate(t, files, 2)
		time.Sleep(certEvery - time.Nanosecond)
		serves(t, c, "before the minute is over", 1)
		time.Sleep(time.Nanosecond)
		serves(t, c, "after a minute", 2)

		writeCertificate(t, TLS{Cert: files.Cert}, 3) // with the key of the one before
		time.Sleep(certEvery)
		serves(t, c, "half renewed", 2)
		if err := errors.Join(os.Remove(files.Cert), os.Remove(files.Key)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(certEvery)
		serves(t, c, "gone", 2)
		writeCertificate(t, files, 4)
		serves(t, c, "within the minute after that", 2)
		time.Sleep(certEvery)
		serves(t, c, "there again", 4)
	})
}

// A pair that can't be read ends the start, not the first handshake.
func TestListenWithoutCertificate(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.pem")
	l, err := listen(t.Context(), "127.0.0.1:0", TLS{Cert: missing, Key: missing}, slog.New(slog.DiscardHandler))
	if !errors.Is(err, fs.ErrNotExist) || l != nil {
		t.Errorf("got %v, %v", l, err)
	}
}
