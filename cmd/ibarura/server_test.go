package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ibarura/internal/clickhouse/embedded"
)

// An engine that another process runs plays the operator's server: from here
// on it is an address, users and passwords.
func TestAServersAddressReplacesTheEngineWithoutAnotherChange(t *testing.T) {
	host := serve(t, t.TempDir())
	addr, users, err := embedded.Running(host.dir)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{"--clickhouse.password=" + users.Writer.Password, "--clickhouse.reader-password=" + users.Reader.Password} // one may begin with "-"
	secured, ca := tlsFront(t, addr)
	for _, c := range []struct {
		name string
		args []string
	}{
		{"native", []string{"--clickhouse.addr", addr}},
		{"several hosts, the first one down", []string{"--clickhouse.addr", "127.0.0.1:1," + addr}},
		{"TLS", []string{"--clickhouse.addr", secured, "--clickhouse.tls", "--clickhouse.tls-ca-file", ca, "--clickhouse.tls-server-name", "ch.test"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, t.TempDir(), append(append(c.args, secrets...), "--project.name", "default")...)
			s.keys = host.keys // keys live in ClickHouse
			before := s.typeCounts("2020-01-01", "2100-01-01")["login"]
			body := []byte(`{"type":"login","user_id":"u"}`)
			if r := s.post("/api/v1/events?wait=true", s.keys["write"], "application/json", body); r.status != http.StatusOK {
				t.Fatalf("%d %s", r.status, r.body)
			}
			if n := s.typeCounts("2020-01-01", "2100-01-01")["login"]; n != before+1 {
				t.Errorf("%d logins, want %d", n, before+1)
			}
			if _, err := os.Stat(filepath.Join(s.dir, "clickhouse")); err == nil {
				t.Error("an engine of our own was started")
			}
		})
	}
}

// tlsFront accepts TLS and passes the bytes on; it returns its address and the
// file of its authority.
func tlsFront(t *testing.T, backend string) (addr, caFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"ch.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			front, err := listener.Accept()
			if err != nil {
				return
			}
			go relay(front, backend)
		}
	}()
	return listener.Addr().String(), caFile
}

func relay(front net.Conn, backend string) {
	defer func() { _ = front.Close() }()
	back, err := net.Dial("tcp", backend)
	if err != nil {
		return
	}
	defer func() { _ = back.Close() }()
	go func() {
		_, _ = io.Copy(back, front)
		_ = back.Close()
	}()
	_, _ = io.Copy(front, back)
}
