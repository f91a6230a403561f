package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"

	gomail "github.com/wneessen/go-mail" // kept, and knows STARTTLS, SCRAM and MIME
)

// TLS says how a connection to a mail server is protected.
type TLS string

// The ways. With all but None the certificate of the server is checked.
const (
	StartTLS TLS = "starttls" // a plain connection that must turn to TLS
	Implicit TLS = "tls"      // TLS from the first byte
	None     TLS = "none"
)

// Server is the mail server that messages are handed to.
type Server struct {
	Host     string
	Port     int
	TLS      TLS
	Roots    *x509.CertPool // nil: the system's
	User     string         // empty: it asks for none
	Password string
	From     string // a mailbox, as RFC 5322 writes it
	Timeout  time.Duration
}

// Message is what one recipient gets.
type Message struct {
	ID      string // of the delivery: the same for the same one
	To      string
	Letter  Letter
	Headers map[string]string
}

// Post hands messages to a mail server.
type Post struct {
	server  Server
	options []gomail.Option
}

// NewPost checks what it is given, and connects to nobody.
func NewPost(s Server) (*Post, error) {
	p := &Post{server: s, options: []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(s.Timeout), gomail.WithoutNoop(),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}),
	}}
	switch s.TLS {
	case StartTLS:
		p.options = append(p.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case Implicit:
		p.options = append(p.options, gomail.WithSSL())
	default:
		p.options = append(p.options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.User != "" {
		p.options = append(p.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	if _, err := gomail.NewClient(s.Host, p.options...); err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	if err := gomail.NewMsg().From(s.From); err != nil {
		return nil, fmt.Errorf("mail.from: %w", err)
	}
	return p, nil
}

// Session is a connection, for one goroutine.
type Session struct {
	post   *Post
	client *gomail.Client
}

// Open connects. A failure is told without what a server says about users.
func (p *Post) Open(ctx context.Context) (*Session, error) {
	client, err := gomail.NewClient(p.server.Host, p.options...)
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	if err := client.DialWithContext(ctx); err != nil {
		return nil, fmt.Errorf("connect to the mail server: %s", reasonOf(err))
	}
	return &Session{p, client}, nil
}

// Send hands over a message. The error is a *Failure.
func (s *Session) Send(m Message) error {
	built, err := s.post.build(m)
	if err != nil {
		return &Failure{State: refused, Reason: "the message cannot be written"}
	}
	return failureOf(s.client.Send(built))
}

// Close says good-bye; what was sent is sent.
func (s *Session) Close() { _ = s.client.Close() }
