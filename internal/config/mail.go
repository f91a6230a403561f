package config

import (
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"time"
)

// Mail is how reports are sent.
type Mail struct {
	Host         string        `name:"host" default:"" placeholder:"HOST" help:"Mail server (SMTP) that reports are handed to. Empty: no reports are sent."`
	Port         int           `name:"port" default:"587" min:"1" max:"65535" help:"Port of the mail server: usually 587 with mail.tls=starttls, 465 with tls."`
	TLS          string        `name:"tls" default:"starttls" oneof:"starttls,tls,none" help:"How the connection is protected: by STARTTLS, without which nothing is sent; by TLS from the first byte; or not at all, for a server on the same machine. The certificate is always checked."`
	TLSCAFile    string        `name:"tls-ca-file" default:"" placeholder:"FILE" type:"path" help:"PEM file with the authorities to trust for the mail server's certificate. Empty: the system's."`
	User         string        `name:"user" default:"" placeholder:"USER" help:"User that the mail server knows. Empty: it asks for none."`
	Password     Secret        `name:"password" placeholder:"PASSWORD" help:"Password of mail.user. Better in mail.password-file, or set by its variable: other users of the machine can see flags."`
	PasswordFile string        `name:"password-file" default:"" placeholder:"FILE" type:"path" help:"File with the password of mail.user, in its first line; in place of mail.password."`
	From         string        `name:"from" default:"" placeholder:"MAILBOX" help:"Who reports are from: an address, or a name with an address in angle brackets. Needed with mail.host."`
	BaseURL      string        `name:"base-url" default:"" placeholder:"URL" help:"Address of this server as the readers of reports reach it, such as https://stats.example.org: the links to the dashboard and for unsubscribing begin with it. Needed with mail.host. With https, mail programs offer to unsubscribe by one click."`
	Timeout      time.Duration `name:"timeout" default:"30s" min:"1s" max:"10m" help:"Longest silence of the mail server."`
	Attempts     int           `name:"attempts" default:"8" min:"1" max:"100" help:"Attempts at a report that the mail server puts off. One whose fate is not known is never sent again by itself."`
	Pause        time.Duration `name:"pause" default:"5m" min:"1s" max:"6h" help:"Time before the second attempt; it doubles with each, up to six hours."`
}

// Sends reports whether reports are sent.
func (c *Mail) Sends() bool { return c.Host != "" }

// Secret returns the password, wherever it is kept.
func (c *Mail) Secret() (string, error) {
	if c.PasswordFile == "" {
		return c.Password.Reveal(), nil
	}
	text, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("mail.password-file: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}

func (c *Mail) check(p *problems) {
	checkReadable(p, "mail.tls-ca-file", c.TLSCAFile)
	checkReadable(p, "mail.password-file", c.PasswordFile)
	if c.From != "" {
		if _, err := mail.ParseAddress(c.From); err != nil {
			p.add("mail.from", "is no address such as reports@example.org or Reports <reports@example.org>")
		}
	}
	if c.BaseURL != "" {
		c.checkBase(p)
	}
	if !c.Sends() {
		return
	}
	for option, value := range map[string]string{"mail.from": c.From, "mail.base-url": c.BaseURL} {
		if value == "" {
			p.add(option, "is needed with mail.host")
		}
	}
	c.checkLogin(p)
}

func (c *Mail) checkBase(p *problems) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" || base.RawQuery != "" || base.Fragment != "" || base.User != nil {
		p.add("mail.base-url", "is no address such as https://stats.example.org")
	}
}

func (c *Mail) checkLogin(p *problems) {
	if c.Password != "" && c.PasswordFile != "" {
		p.add("mail.password-file", "is set together with mail.password: only one of them can hold")
	}
	if c.User == "" && (c.Password != "" || c.PasswordFile != "") {
		p.add("mail.user", "is needed with a password")
	}
	if c.User != "" && c.TLS == "none" {
		p.add("mail.tls", "is none: the password of mail.user would go in the clear")
	}
}
