package embedded

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.uber.org/zap"
)

// steadyLife is how long a child must have lived for its death to count as the
// first one again.
const steadyLife = time.Minute

// supervise watches the child and starts it again when it dies or stops
// answering, until Stop; then it lets go of everything.
func (e *Engine) supervise() {
	defer close(e.done)
	pause := newPause()
	for {
		began := time.Now()
		reason := e.watch()
		e.setUp(false)
		if reason == nil {
			break
		}
		if time.Since(began) > steadyLife {
			pause.Reset()
		}
		if !e.revive(reason, pause) {
			break
		}
	}
	e.mu.Lock()
	e.err = nil
	e.mu.Unlock()
	e.stopErr = e.release()
}

// newPause returns the times to wait before each new start: from 0.2 s,
// doubling up to 30 s, each half again longer or shorter by chance.
func newPause() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     200 * time.Millisecond,
		Multiplier:          2,
		RandomizationFactor: 0.5,
		MaxInterval:         30 * time.Second,
	}
}

// watch returns why the child must be started again, or nil when Stop was
// called.
func (e *Engine) watch() error {
	child := e.child()
	ticker := time.NewTicker(e.opts.ProbeInterval)
	defer ticker.Stop()
	failed := 0
	for {
		select {
		case <-e.life.Done():
			return nil
		case <-child.done:
			return e.deathError(child)
		case <-ticker.C:
		}
		if err := e.log.rotate(); err != nil {
			e.opts.Log.Warn("engine log", zap.Error(err))
		}
		err := e.probe.alive(e.life)
		if err == nil {
			failed = 0
			e.setUp(true)
			continue
		}
		failed++
		e.setUp(false)
		if failed >= e.opts.ProbeFailures {
			return fmt.Errorf("engine: no answer to %d probes in a row: %w", failed, err)
		}
	}
}

// revive starts the engine again, as often as it takes. It returns false when
// Stop was called meanwhile.
func (e *Engine) revive(reason error, pause backoff.BackOff) bool {
	e.child().kill()
	for {
		e.fail(reason)
		wait := pause.NextBackOff()
		e.opts.Log.Error("engine is down, it is started again", zap.Error(reason), zap.Duration("after", wait))
		if !sleep(e.life, wait) {
			return false
		}
		e.restarts.Add(1)
		e.metrics.restarts.Inc()
		if reason = e.run(e.life); reason == nil {
			return true
		}
	}
}

func (e *Engine) fail(reason error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = reason
}

// deathError tells how the child ended and what it said last.
func (e *Engine) deathError(p *process) error {
	how := "it ended by itself"
	if p.err != nil {
		how = p.err.Error()
	}
	return e.saying(fmt.Sprintf("the process ended (%s)", how), e.log.quote())
}

// saying is the error that something has happened, with what the log says.
func (e *Engine) saying(what, said string) error {
	if strings.Contains(said, "Address already in use") {
		return fmt.Errorf("%w: the engine cannot listen on %s or %s; its log says: %s",
			ErrPortInUse, e.Addr(), e.HTTPAddr(), said)
	}
	return fmt.Errorf("engine: %s; its log says: %s", what, said)
}

// sleep waits and reports true, or reports false as soon as ctx ends.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
