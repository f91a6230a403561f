package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// Link is what is known of a link to a view: everything but its token.
type Link struct {
	ID        string // public, for listing, revoking and logs
	Project   string
	Name      string // what its maker calls it
	View      string // a page of the dashboard with its parameters
	MadeBy    string // id of a key
	CreatedAt time.Time
	ExpiresAt time.Time // to the second
	RevokedAt time.Time // zero while it is not revoked
}

// Revoked reports whether the link has been revoked.
func (l *Link) Revoked() bool { return !l.RevokedAt.IsZero() }

// Links makes and opens the tokens of links. A token says all that its link
// does, signed with the secret of sessions, so that none can be made or changed
// without it; it is good only while the link's row is, as a Directory knows it.
// All methods may be called from any goroutine.
type Links struct {
	Directory *Directory
	Secret    []byte // signs the tokens; see SessionSecret
	Clock     func() time.Time
}

// MaxLinkView is how many bytes a link's view may have.
const MaxLinkView = 1000

// maxLinkToken is more than any token of ours has: the view as JSON, in which
// each byte may take two, and then as base64.
const maxLinkToken = 4096

// linkVersion begins a token, so that another kind can replace it one day.
const linkVersion = "1"

// linkClaim is what a token says.
type linkClaim struct {
	ID      string `json:"id"`
	Project string `json:"project"`
	View    string `json:"view"`
	Ends    int64  `json:"ends"` // Unix seconds
}

// Token returns the token of a link: the same each time. It has letters, digits,
// dots, - and _, which may stand behind the # of an address as they are.
func (l *Links) Token(link *Link) string {
	text, _ := json.Marshal(linkClaim{link.ID, link.Project, link.View, link.ExpiresAt.Unix()}) // strings and a number always can be
	claim := linkVersion + "." + base64.RawURLEncoding.EncodeToString(text)
	return claim + "." + l.sign(claim)
}

// Open returns the link of a token, with its id, project, name, view and end,
// and who comes with it: somebody who reads. ErrLinkInvalid if the token was not
// made here, ErrLinkExpired if it is over, ErrLinkRevoked if the link or its
// project is no more, ErrUnavailable if that cannot be told now.
func (l *Links) Open(ctx context.Context, token string) (Link, Principal, error) {
	claim, good := l.claim(token)
	if !good {
		return Link{}, Principal{}, l.Directory.metrics.denied(ErrLinkInvalid)
	}
	ends := time.Unix(claim.Ends, 0)
	if !l.Clock().Before(ends) {
		return Link{}, Principal{}, l.Directory.metrics.denied(ErrLinkExpired)
	}
	known, err := l.Directory.link(ctx, claim.ID)
	if err == nil && known.project.Name != claim.Project {
		err = l.Directory.metrics.denied(ErrLinkRevoked)
	}
	if err != nil {
		return Link{}, Principal{}, err
	}
	link := Link{ID: claim.ID, Project: claim.Project, Name: known.name, View: claim.View, ExpiresAt: ends}
	return link, Principal{Project: known.project, KeyID: "link:" + claim.ID, Scope: Read}, nil
}

// claim returns what a token says, if the signature is ours. The signatures are
// compared as they are written, since base64 has several ways to write one.
func (l *Links) claim(token string) (linkClaim, bool) {
	cut := strings.LastIndexByte(token, '.')
	if cut < 0 || len(token) > maxLinkToken || !hmac.Equal([]byte(token[cut+1:]), []byte(l.sign(token[:cut]))) {
		return linkClaim{}, false
	}
	version, encoded, _ := strings.Cut(token[:cut], ".")
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || version != linkVersion {
		return linkClaim{}, false
	}
	var claim linkClaim
	err = json.Unmarshal(text, &claim)
	return claim, err == nil
}

// sign binds a claim to this use of the secret.
func (l *Links) sign(claim string) string {
	mac := hmac.New(sha256.New, l.Secret)
	_, _ = mac.Write([]byte("ibarura link\n" + claim)) // never fails, see hash.Hash
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
