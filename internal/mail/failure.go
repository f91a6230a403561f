package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"

	gomail "github.com/wneessen/go-mail"

	"ibarura/internal/clickhouse"
)

const (
	deferred = clickhouse.DeliveryDeferred
	refused  = clickhouse.DeliveryRefused
	unsure   = clickhouse.DeliveryUnsure
)

// Failure is why a message was not sent, or may not have been. It names nobody.
type Failure struct {
	State  string // deferred, refused: it certainly was not; unsure
	Reason string
}

func (f *Failure) Error() string { return f.State + ": " + f.Reason }

// failureOf is the one place that decides whether a message may be sent again.
// Before the last byte of a message nothing is delivered; after it only the
// server's own word, a code, tells.
func failureOf(err error) error {
	if err == nil {
		return nil
	}
	var send *gomail.SendError
	if !errors.As(err, &send) {
		return &Failure{unsure, "the connection broke"}
	}
	switch send.Reason {
	case gomail.ErrSMTPReset: // the server had taken it
		return nil
	case gomail.ErrSMTPDataClose:
		if send.ErrorCode() == 0 {
			return &Failure{unsure, "the connection broke after the message, before the answer"}
		}
	case gomail.ErrWriteContent, gomail.ErrAmbiguous:
		return &Failure{unsure, "the connection broke within the message"}
	case gomail.ErrGetSender, gomail.ErrGetRcpts, gomail.ErrNoUnencoded:
		return &Failure{refused, "the message cannot be written"}
	case gomail.ErrSMTPMailFrom, gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrConnCheck: // before the message
	}
	reason := codeOf(send.ErrorCode(), send.EnhancedStatusCode())
	if send.ErrorCode() >= 500 {
		return &Failure{refused, reason}
	}
	return &Failure{deferred, reason}
}

// codeOf is what a server has answered, without its words, which name people.
func codeOf(code int, enhanced string) string {
	switch {
	case code == 0:
		return "the mail server did not answer"
	case enhanced != "":
		return fmt.Sprintf("the mail server answered %d %s", code, enhanced)
	default:
		return fmt.Sprintf("the mail server answered %d", code)
	}
}

// reasonOf tells why a connection failed, without the words of the server.
func reasonOf(err error) string {
	var (
		answer      *textproto.Error
		network     *net.OpError
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		host        x509.HostnameError
	)
	switch {
	case errors.As(err, &answer):
		return codeOf(answer.Code, "")
	case errors.As(err, &host), errors.As(err, &certificate):
		return "its certificate is not one to trust"
	case errors.As(err, &name):
		return "its name is not known"
	case errors.As(err, &network):
		return network.Op + ": " + network.Err.Error()
	case errors.Is(err, gomail.ErrNoSupportedAuthDiscovered):
		return "it knows no way to log in that is safe on this connection"
	default:
		return "it does not speak as it should, or not with the TLS that mail.tls asks for"
	}
}
