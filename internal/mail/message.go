package mail

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"ibarura/internal/digest"
)

// Letter is what a message says.
type Letter = digest.Letter

// build writes a message: text and HTML as alternatives, pictures inside the HTML.
func (p *Post) build(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	if err := msg.From(p.server.From); err != nil {
		return nil, err
	}
	if err := msg.To(m.To); err != nil {
		return nil, err
	}
	msg.Subject(m.Letter.Subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(m.ID + "@" + domainOf(p.server.From))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader(gomail.HeaderContentLang, m.Letter.Language)
	for name, value := range m.Headers {
		msg.SetGenHeaderPreformatted(gomail.Header(name), value)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Letter.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.Letter.HTML)
	for _, image := range m.Letter.Images {
		err := msg.EmbedReader(image.ID+".png", bytes.NewReader(image.PNG), gomail.WithFileContentID(image.ID), gomail.WithFileContentType("image/png"))
		if err != nil {
			return nil, err
		}
	}
	return msg, nil
}

// domainOf is the part behind the @ of a mailbox.
func domainOf(mailbox string) string {
	address, err := mail.ParseAddress(mailbox)
	if err != nil {
		return "localhost"
	}
	return address.Address[strings.LastIndexByte(address.Address, '@')+1:]
}

// maxAddress is the longest address that SMTP carries.
const maxAddress = 254

// ErrAddress is wrapped by what is wrong with an address.
var ErrAddress = errors.New("this is no address that mail can be sent to")

// CheckAddress wants a bare address, without a name. The error does not repeat it.
func CheckAddress(text string) error {
	address, err := mail.ParseAddress(text)
	switch {
	case len(text) > maxAddress:
		return fmt.Errorf("%w: it has %d bytes, the limit is %d", ErrAddress, len(text), maxAddress)
	case err != nil || address.Address != text:
		return fmt.Errorf("%w: want name@domain", ErrAddress)
	}
	return nil
}
