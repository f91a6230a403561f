package access

import "context"

// Noted is a Store for the process that serves: what is changed through it is in
// force in this process when the call returns, and not only after the next
// refresh, so that who made a link or revoked a key sees that at once. Other
// processes follow within their DirectoryOptions.Refresh, as ever, and so does
// this one if the store does not answer a second time.
type Noted struct {
	*Store
	Directory *Directory
}

// CreateKey is Store.CreateKey.
func (n Noted) CreateKey(ctx context.Context, project string, scope Scope, label string) (Key, string, error) {
	key, secret, err := n.Store.CreateKey(ctx, project, scope, label)
	n.note(ctx, err)
	return key, secret, err
}

// RevokeKey is Store.RevokeKey.
func (n Noted) RevokeKey(ctx context.Context, id string) (Key, error) {
	key, err := n.Store.RevokeKey(ctx, id)
	n.note(ctx, err)
	return key, err
}

// CreateLink is Store.CreateLink.
func (n Noted) CreateLink(ctx context.Context, link Link) (Link, error) {
	link, err := n.Store.CreateLink(ctx, link)
	n.note(ctx, err)
	return link, err
}

// RevokeLink is Store.RevokeLink.
func (n Noted) RevokeLink(ctx context.Context, id string) (Link, error) {
	link, err := n.Store.RevokeLink(ctx, id)
	n.note(ctx, err)
	return link, err
}

// note refreshes the copy after a change that was stored. That the change is
// stored is what the caller has to know; a failed refresh counts in the metrics.
func (n Noted) note(ctx context.Context, err error) {
	if err == nil {
		_ = n.Directory.Refresh(ctx)
	}
}
