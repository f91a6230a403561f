package posthog

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strings"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
)

// gzipMagic begins what the clients compress without saying so in a header.
var gzipMagic = []byte{0x1f, 0x8b}

// Compressed reports whether a body is gzip, whatever its headers say.
func Compressed(body []byte) bool { return bytes.HasPrefix(body, gzipMagic) }

// Unwrap takes what older clients send out of its form and its base64: the
// field data of a form, or a bare body. The result may be Compressed. JSON is
// returned as it is. The error is a *protocol.BodyError.
func Unwrap(body []byte) ([]byte, error) {
	if Compressed(body) {
		return body, nil
	}
	plain := bytes.TrimSpace(body)
	if bytes.HasPrefix(plain, []byte("data=")) || bytes.Contains(plain[:min(len(plain), 200)], []byte("&data=")) {
		form, err := url.ParseQuery(string(plain))
		if err != nil {
			return nil, &protocol.BodyError{Code: event.CodeInvalidJSON, Message: "the body is not a form: an escape in it is broken"}
		}
		plain = []byte(strings.TrimSpace(form.Get("data")))
	}
	if len(plain) == 0 || !isBase64(plain[0]) {
		return plain, nil
	}
	return decodeBase64(plain)
}

// isBase64 tells base64 from JSON, by the first byte: no array or object begins
// like it.
func isBase64(first byte) bool {
	return first >= 'A' && first <= 'Z' || first >= 'a' && first <= 'z' || first >= '0' && first <= '9' || first == '+' || first == '/'
}

// forms undoes what forms and addresses make of base64.
var forms = strings.NewReplacer(" ", "+", "-", "+", "_", "/", "=", "", "\n", "", "\r", "")

func decodeBase64(text []byte) ([]byte, error) {
	decoded, err := base64.RawStdEncoding.DecodeString(forms.Replace(string(text)))
	if err != nil {
		return nil, &protocol.BodyError{Code: event.CodeInvalidJSON, Message: "the body is neither JSON nor base64"}
	}
	return decoded, nil
}
