package live

import (
	"context"
	"time"
)

// recheckTimeout bounds one look at whether a key is still good.
const recheckTimeout = 4 * time.Second

// recheck ends the readers whose key or session is no longer good. One of the
// readers with it is asked for all of them.
func (h *Hub) recheck() {
	ticker := time.NewTicker(h.options.RecheckAccess)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			h.recheckAll()
		case <-h.ctx.Done():
			return
		}
	}
}

func (h *Hub) recheckAll() {
	for credential, still := range h.stillGood() {
		ctx, cancel := context.WithTimeout(h.ctx, recheckTimeout)
		err := still(ctx)
		cancel()
		if err != nil && h.ctx.Err() == nil {
			h.endAccess(credential)
		}
	}
}

func (h *Hub) stillGood() map[string]func(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make(map[string]func(context.Context) error, len(h.credentials))
	for credential, with := range h.credentials {
		all[credential] = with.still
	}
	return all
}

func (h *Hub) endAccess(credential string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if with := h.credentials[credential]; with != nil {
		for r := range with.readers {
			h.end(r, EndAccess)
		}
	}
}
