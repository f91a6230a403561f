package mail

import (
	"bytes"
	"crypto/x509"
	"errors"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ibarura/internal/digest"
	"ibarura/internal/mailtest"
)

func serverOf(t *testing.T, s *mailtest.Server, way TLS) Server {
	t.Helper()
	conf := Server{Host: s.Host, Port: s.Port, TLS: way, From: "Ibarura <reports@stats.example.org>", Timeout: 5 * time.Second}
	if s.CAFile != "" {
		text, err := os.ReadFile(s.CAFile)
		if err != nil {
			t.Fatal(err)
		}
		conf.Roots = x509.NewCertPool()
		conf.Roots.AppendCertsFromPEM(text)
	}
	return conf
}

func onePixel() []byte {
	return []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x35\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82")
}

func letter() Letter {
	return Letter{
		Language: "fr", Subject: "Événements : Mutarama", Text: "Bonjour\n\n.\nété\n", HTML: `<p>été <img src="cid:active"></p>`,
		Images: []digest.Image{{ID: "active", PNG: onePixel()}},
	}
}

// sendOne hands one message over on a connection of its own.
func sendOne(t *testing.T, conf Server) error {
	t.Helper()
	post, err := NewPost(conf)
	if err != nil {
		t.Fatal(err)
	}
	session, err := post.Open(t.Context())
	if err != nil {
		return err
	}
	defer session.Close()
	links := Links{Base: "https://stats.example.org"}
	return session.Send(Message{ID: "p.week.2014-03-03.r1", To: "ann@example.org", Letter: letter(), Headers: links.headers("https://stats.example.org/u/x")})
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	if err := sendOne(t, serverOf(t, s, None)); err != nil {
		t.Fatal(err)
	}
	got := s.Received()
	if len(got) != 1 || got[0].From != "reports@stats.example.org" || got[0].To != "ann@example.org" {
		t.Fatalf("%+v", got)
	}
	m := got[0].Parse(t)
	if m.Text != strings.ReplaceAll(letter().Text, "\n", "\r\n") && m.Text != letter().Text || m.HTML != letter().HTML {
		t.Errorf("%q\n%q", m.Text, m.HTML)
	}
	if !bytes.Equal(m.Images["active"], onePixel()) {
		t.Errorf("the image came as %d bytes of %v", len(m.Images["active"]), m.Types)
	}
	if _, err := png.DecodeConfig(bytes.NewReader(m.Images["active"])); err != nil {
		t.Error(err)
	}
	want := []string{"multipart/related", ".multipart/alternative", "..text/plain", "..text/html", ".image/png"}
	if !slices.Equal(m.Types, want) {
		t.Errorf("the parts are %v, want %v", m.Types, want)
	}
	subject, _ := m.Header.Text("Subject")
	for name, want := range map[string]string{
		"List-Unsubscribe": "<https://stats.example.org/u/x>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Message-Id": "<p.week.2014-03-03.r1@stats.example.org>", "Auto-Submitted": "auto-generated", "Content-Language": "fr",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if subject != letter().Subject {
		t.Errorf("the subject is %q", subject)
	}
}

func TestTheConnectionIsProtectedAsAsked(t *testing.T) {
	start := mailtest.Start(t, mailtest.Options{StartTLS: true, Auth: true})
	implicit := mailtest.Start(t, mailtest.Options{TLS: true, Auth: true})
	plain := mailtest.Start(t, mailtest.Options{})
	loggedIn := func(s Server, password string) Server {
		s.User, s.Password = mailtest.User, password
		return s
	}
	untrusted := serverOf(t, start, StartTLS)
	untrusted.Roots = x509.NewCertPool()
	for name, c := range map[string]struct {
		conf Server
		want string // in the error; empty: it is sent
	}{
		"STARTTLS, with a password":        {loggedIn(serverOf(t, start, StartTLS), mailtest.Password), ""},
		"TLS, with a password":             {loggedIn(serverOf(t, implicit, Implicit), mailtest.Password), ""},
		"a wrong password":                 {loggedIn(serverOf(t, start, StartTLS), "wrong"), "connect to the mail server"},
		"no password":                      {serverOf(t, start, StartTLS), "502"},
		"a certificate of somebody else's": {untrusted, "certificate"},
		"STARTTLS that is not offered":     {serverOf(t, plain, StartTLS), "TLS"},
		"TLS that is not spoken":           {serverOf(t, plain, Implicit), "connect to the mail server"},
		"nobody there":                     {Server{Host: "127.0.0.1", Port: 1, From: "a@example.org", Timeout: time.Second}, "refused"},
	} {
		err := sendOne(t, c.conf)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), mailtest.Password) || strings.Contains(err.Error(), mailtest.User+"@")) {
			t.Errorf("%s: the error tells too much: %v", name, err)
		}
	}
	if n := len(plain.Received()); n != 0 {
		t.Errorf("%d messages went in the clear", n)
	}
}

func TestOnlyWhatCertainlyDidNotArriveMayBeSentAgain(t *testing.T) {
	for name, c := range map[string]struct {
		options mailtest.Options
		state   string
	}{
		"a recipient refused for good": {mailtest.Options{OnRcpt: func(string) error { return mailtest.Refusal(550, [3]int{5, 1, 1}, "no ann@example.org here") }}, refused},
		"a recipient refused for now":  {mailtest.Options{OnRcpt: func(string) error { return mailtest.Refusal(450, [3]int{4, 2, 1}, "busy") }}, deferred},
		"a message refused for good":   {mailtest.Options{OnData: func(string) error { return mailtest.Refusal(554, [3]int{5, 6, 0}, "spam") }}, refused},
		"a message refused for now":    {mailtest.Options{OnData: func(string) error { return mailtest.Refusal(451, [3]int{4, 3, 0}, "later") }}, deferred},
		"no answer to the message":     {mailtest.Options{OnData: func(string) error { time.Sleep(3 * time.Second); return nil }}, unsure},
	} {
		s := mailtest.Start(t, c.options)
		conf := serverOf(t, s, None)
		conf.Timeout = time.Second
		var f *Failure
		if err := sendOne(t, conf); !errors.As(err, &f) || f.State != c.state {
			t.Errorf("%s: %v, want %s", name, err, c.state)
		} else if strings.Contains(f.Reason, "ann@") {
			t.Errorf("%s: the reason names somebody: %s", name, f.Reason)
		}
	}
}

func TestAnAddressIsOneBareAddress(t *testing.T) {
	for text, good := range map[string]bool{
		"ann@example.org": true, "Ann <ann@example.org>": false, "ann": false, "": false, "a@b,c@d": false, "a@b\r\nBcc: c@d": false,
		strings.Repeat("a", 250) + "@example.org": false,
	} {
		if err := CheckAddress(text); (err == nil) != good {
			t.Errorf("%.30q: %v", text, err)
		}
	}
}

func TestALinkIsGoodForOneRecipientAndMadeByTheKeyOnly(t *testing.T) {
	l := Links{Base: "https://stats.example.org/", Key: [32]byte{1}}
	link := l.Unsubscribe("forum", "r1")
	token, found := strings.CutPrefix(link, "https://stats.example.org"+UnsubscribePath)
	if !found {
		t.Fatal(link)
	}
	if project, recipient, err := l.Open(token); err != nil || project != "forum" || recipient != "r1" {
		t.Errorf("%s %s %v", project, recipient, err)
	}
	other := Links{Key: [32]byte{2}}
	for _, bad := range []string{"", ".", token + "A", token[1:], token[:len(token)-1], other.token("forum", "r1"), strings.Repeat("a", 300)} {
		if _, _, err := l.Open(bad); !errors.Is(err, ErrLink) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if h := (Links{Base: "http://localhost"}).headers("x"); h["List-Unsubscribe-Post"] != "" {
		t.Error("one click without https")
	}
}

func FuzzLinkOpen(f *testing.F) {
	l := Links{Key: [32]byte{1}}
	f.Add(l.token("forum", "r1"))
	f.Add("a.b")
	f.Fuzz(func(t *testing.T, token string) {
		if project, recipient, err := l.Open(token); err == nil && l.token(project, recipient) != token {
			t.Errorf("%q is taken for %s of %s", token, recipient, project)
		}
	})
}
