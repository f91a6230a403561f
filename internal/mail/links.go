package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
)

// Links are where messages lead. Base is the address of this server, as people
// reach it; the key signs what a link is for.
type Links struct {
	Base string
	Key  [32]byte
}

// UnsubscribePath is where the link of a message leads; a token follows.
const UnsubscribePath = "/reports/unsubscribe/"

// ErrLink means that a link was not made here.
var ErrLink = errors.New("the link is not whole, or not from here")

// maxToken bounds what is decoded: a project has at most 63 letters, an id 32.
const maxToken = 256

// purpose keeps signatures for one thing from being used for another.
const purpose = "unsubscribe\x00"

// Unsubscribe is the link that takes a recipient off a list. It stays good.
func (l Links) Unsubscribe(project, recipient string) string {
	return strings.TrimSuffix(l.Base, "/") + UnsubscribePath + l.token(project, recipient)
}

// Dashboard is where the numbers can be looked at.
func (l Links) Dashboard() string { return strings.TrimSuffix(l.Base, "/") + "/" }

func (l Links) token(project, recipient string) string {
	payload := project + "\x00" + recipient
	return encode([]byte(payload)) + "." + encode(l.sign(payload))
}

// Open returns whom a token names, or ErrLink.
func (l Links) Open(token string) (project, recipient string, err error) {
	payload, signature, two := strings.Cut(token, ".")
	if !two || len(token) > maxToken {
		return "", "", ErrLink
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(payload)
	if err != nil {
		return "", "", ErrLink
	}
	given, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || !hmac.Equal(given, l.sign(string(text))) {
		return "", "", ErrLink
	}
	project, recipient, two = strings.Cut(string(text), "\x00")
	if !two {
		return "", "", ErrLink
	}
	return project, recipient, nil
}

func (l Links) sign(payload string) []byte {
	mac := hmac.New(sha256.New, l.Key[:])
	mac.Write([]byte(purpose + payload))
	return mac.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// headers let mail clients offer the link. One click (RFC 8058) is for https only.
func (l Links) headers(link string) map[string]string {
	h := map[string]string{"List-Unsubscribe": "<" + link + ">"}
	if parsed, err := url.Parse(l.Base); err == nil && parsed.Scheme == "https" {
		h["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
	}
	return h
}
