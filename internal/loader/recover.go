package loader

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
	"go.uber.org/zap"

	"ibarura/internal/rowblock"
)

// recover brings the loader to where the last one stood and returns the cuts
// that have to be sent again. If ClickHouse's host has been booted since, or a
// recorded stretch of the log does not say any more what it said, tokens prove
// nothing, and what the log still holds is compared with the raw rows instead.
func (l *Loader) recover(ctx context.Context) ([]*cut, error) {
	again, changed, err := l.recutAll()
	if err != nil {
		return nil, err
	}
	changed = changed || l.config.Unsure && len(again) > 0
	boot, err := l.boot(ctx)
	if err != nil {
		l.logger.Warn("ClickHouse does not tell its host's boot; it will be asked again", zap.Error(err))
	}
	unsure := changed || l.booted(boot) || l.journal.fresh && l.log.First() < l.log.Durable()
	switch {
	case !unsure:
		err = l.journal.setBoot(boot)
	case l.mayReconcile(ctx):
		again, err = nil, l.reconcile(ctx, boot)
	case changed:
		err = errNotAlone // the cuts' tokens prove nothing, and sending them would be a guess
	default:
		err = nil // watchBoots keeps asking, and the spool keeps its segments
	}
	if err != nil {
		return nil, err
	}
	if err := l.rebuildDue(ctx, l.journal.due()); err != nil {
		l.logger.Error("the months that are due could not be made anew, it will be tried again", zap.Error(err))
	}
	l.position = l.journal.position()
	l.progress.init(l.journal.start().Loaded)
	for _, c := range again {
		l.progress.begin(c.from, len(c.batches))
	}
	l.resume()
	l.log.Release(l.progress.loaded())
	return again, nil
}

var errNotAlone = errors.New("the spool has to be compared with the raw rows, and other processes write: stop them, and start with ingest.reconcile=force")

// resume brings the progress up to date with the journal: with the cuts that
// are loaded, and with what lies between cuts, which are gaps of the log.
func (l *Loader) resume() {
	end := l.journal.start().Loaded
	for _, r := range l.journal.cuts() {
		if end < r.From {
			l.progress.pass(end, r.From)
		}
		if r.done {
			l.progress.pass(r.From, r.To)
		}
		end = r.To
	}
}

// recutAll reads the cuts that are recorded and not loaded, and reports whether
// one of them has changed.
func (l *Loader) recutAll() (again []*cut, changed bool, err error) {
	for _, r := range l.journal.cuts() {
		if r.done {
			continue
		}
		c, err := l.recut(r)
		if err != nil {
			return nil, false, err
		}
		if !slices.Equal(c.tokens(), r.Tokens) {
			l.logger.Error("a recorded stretch of the spool has changed; it is compared with the raw rows",
				zap.Uint64("from", uint64(r.From)), zap.Uint64("to", uint64(r.To)))
			changed = true
		}
		r.fates(c)
		again = append(again, c)
	}
	return again, changed, nil
}

// reconcile compares everything that the log still holds of what was sent with
// the raw rows, by their numbers; sends what is missing, under new tokens; and
// makes the aggregates of the months concerned anew, since each table may have
// lost other parts.
func (l *Loader) reconcile(ctx context.Context, boot string) error {
	months := map[rowblock.Month]bool{}
	for _, m := range l.journal.due() {
		months[m] = true
	}
	missing := 0
	end := l.journal.position()
	err := l.stretch(l.log.First(), end, func(c *cut) error {
		c.seal(l.log.IDString())
		if err := l.landed.Begin(ctx, c.days(), c.landing(l.log.IDString())+":reload:"+boot); err != nil {
			return err
		}
		for _, b := range c.batches {
			months[b.month] = true
			n, err := l.sendMissing(ctx, b, boot)
			if err != nil {
				return err
			}
			missing += n
			b.release()
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("compare the spool with the raw rows: %w", err)
	}
	if err := l.rebuild(ctx, slices.Sorted(maps.Keys(months))); err != nil {
		return err
	}
	l.logger.Info("the spool has been compared with the raw rows", zap.Int("reloaded_rows", missing), zap.Int("rebuilt_months", len(months)))
	return l.journal.restart(end, boot)
}

// reloads is how often rows are sent under new tokens that ClickHouse takes
// without a doubt and that its table still does not have: what it drops so often
// it drops on purpose, because the rows are older than the table keeps them.
const reloads = 3

// sendMissing inserts the rows of a sealed batch that are not in its table and
// were not refused, until there are none, and returns how many they were. Tokens
// are new, and the same ones if it is begun again: an insert that is still under
// way from before then counts once with its repetition.
func (l *Loader) sendMissing(ctx context.Context, b *batch, boot string) (int, error) {
	name, sent, proved := b.token, 0, 0
	for round := 0; ; round++ {
		which, missing, digest, err := l.missing(ctx, b)
		if err != nil || missing == 0 {
			return sent, err
		}
		if proved == reloads {
			l.logger.Warn("ClickHouse takes rows and does not keep them; they must be older than it keeps any",
				zap.String("table", b.table.String()), zap.Stringer("month", b.month), zap.Int("rows", missing))
			return sent, nil
		}
		b.block.Keep(which)
		b.token = fmt.Sprintf("%s:reload:%s:%d:%d:%016x", name, boot, round, missing, digest)
		b.fate.doubted, b.fate.unheard = false, nil
		if err := l.deliver(ctx, b); err != nil {
			return sent, err
		}
		if !b.fate.doubted {
			proved++
		}
		if round == 0 {
			l.metrics.reloaded.WithLabelValues(b.table.String()).Add(float64(missing))
			sent = missing
		}
	}
}

// missing tells which rows of a batch are neither in its table nor refused, nor
// of persons who were erased; how many they are, and a digest of their numbers.
func (l *Loader) missing(ctx context.Context, b *batch) (which []bool, n int, digest uint64, err error) {
	present, err := l.present(ctx, b, b.block)
	if err != nil {
		return nil, 0, 0, err
	}
	if b.block.Rows() == 0 {
		return nil, 0, 0, nil
	}
	kept, err := l.tables.Kept(ctx, b.table.String(), b.block.Seq(0), b.block.Seq(b.block.Rows()-1))
	if err != nil {
		return nil, 0, 0, err
	}
	erased, err := l.tables.Erased(ctx, l.log.IDString())
	if err != nil {
		return nil, 0, 0, fmt.Errorf("ask which rows are erased: %w", err)
	}
	which = make([]bool, b.block.Rows())
	hash := xxhash.New()
	b.block.EachWho(func(i int, who rowblock.Who) {
		seq := b.block.Seq(i)
		if which[i] = !present[seq] && !kept[seq] && !erased.Has(who, seq); which[i] {
			_, _ = hash.Write(binary.LittleEndian.AppendUint64(nil, seq))
			n++
		}
	})
	return which, n, hash.Sum64(), nil
}

func (l *Loader) rebuild(ctx context.Context, months []rowblock.Month) error {
	if len(months) == 0 {
		return nil
	}
	firsts := make([]time.Time, 0, len(months))
	for _, m := range months {
		firsts = append(firsts, m.First())
	}
	if err := l.tables.Rebuild(ctx, firsts); err != nil {
		return errors.Join(errors.New("make the aggregates anew"), err)
	}
	return l.landed.Settle(ctx, firsts)
}
