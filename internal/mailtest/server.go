// Package mailtest gives tests a real mail server, so that what is sent is what a
// server receives. It stands behind the way from POST to chart, where the report
// arrives.
package mailtest

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The one user whom a server knows.
const (
	User     = "reports"
	Password = "correct horse battery staple"
)

// Options are how a server behaves. The zero value speaks without TLS and takes
// everything.
type Options struct {
	StartTLS bool // offers STARTTLS, and lets nobody in without
	TLS      bool // from the first byte
	Auth     bool // takes messages from User only
	// OnRcpt may refuse a recipient; OnData is called with a whole message, before it is
	// taken, and may refuse it.
	OnRcpt func(to string) error
	OnData func(to string) error
}

// Server is a mail server on 127.0.0.1.
type Server struct {
	Host string
	Port int
	// CAFile holds the certificate to trust, if it speaks TLS.
	CAFile string

	options  Options
	listener net.Listener
	mu       sync.Mutex
	received []Received
}

// Received is a message as it came.
type Received struct {
	From, To string
	Raw      []byte
}

// Refusal is an answer of the server.
func Refusal(code int, enhanced [3]int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// Start starts a server that ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{options: o}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	server.Domain = "mail.test"
	server.AllowInsecureAuth = !o.StartTLS && !o.TLS
	server.ErrorLog = quiet{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if o.StartTLS || o.TLS {
		server.TLSConfig = s.certificate(t)
	}
	if o.TLS {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	s.listener = listener
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	s.Host = host
	s.Port, _ = strconv.Atoi(port)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends with Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return s
}

// certificate takes that of httptest, which is for 127.0.0.1.
func (s *Server) certificate(t testing.TB) *tls.Config {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	s.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(s.CAFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}
}

// Received are the messages that were taken, in the order of their coming.
func (s *Server) Received() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Received(nil), s.received...)
}

type session struct {
	server   *Server
	conn     *smtp.Conn
	loggedIn bool
	from, to string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return errors.New("wrong user or password")
		}
		s.loggedIn = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if _, isTLS := s.conn.TLSConnectionState(); s.server.options.StartTLS && !isTLS {
		return Refusal(530, [3]int{5, 7, 0}, "Must issue a STARTTLS command first")
	}
	if s.server.options.Auth && !s.loggedIn {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.server.options.OnRcpt != nil {
		return s.server.options.OnRcpt(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(r); err != nil {
		return err
	}
	if s.server.options.OnData != nil {
		if err := s.server.options.OnData(s.to); err != nil {
			return err
		}
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.received = append(s.server.received, Received{s.from, s.to, raw.Bytes()})
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// quiet is the log of a server whose clients are killed.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
