package loader

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/rowblock"
)

// deliver inserts a batch; refused rows go to quarantine. It returns only when
// every row is in one place or the other, or ctx has ended.
func (l *Loader) deliver(ctx context.Context, b *batch) error {
	return l.deliverPart(ctx, b, b.block, 0, b.token)
}

// deliverPart inserts the rows of a batch from row first on, under a token of
// their own.
func (l *Loader) deliverPart(ctx context.Context, b *batch, part *rowblock.Block, first int, token string) error {
	if l.journal.isSplit(token) {
		return l.divide(ctx, b, part, first, errRefusedBefore)
	}
	refusal, err := l.insert(ctx, b, part, token)
	if err != nil || refusal == nil {
		return err
	}
	// That the part was refused is written down first: after a restart it must
	// not be tried as a whole any more, since its halves have tokens of their own.
	if err := l.record(ctx, func() error { return l.journal.split(token) }); err != nil {
		return err
	}
	l.metrics.splits.Inc()
	return l.divide(ctx, b, part, first, refusal)
}

// errRefusedBefore is stored with a row whose refusal was written down by a
// process that did not live to store it.
var errRefusedBefore = errors.New("refused before a restart; the error was not kept")

// divide goes on with the halves of a refused part, or puts its only row into
// quarantine.
func (l *Loader) divide(ctx context.Context, b *batch, part *rowblock.Block, first int, refusal error) error {
	if part.Rows() == 1 {
		return l.quarantine(ctx, b, part, refusal)
	}
	middle := part.Rows() / 2
	for _, half := range [][2]int{{0, middle}, {middle, part.Rows()}} {
		from, to := first+half[0], first+half[1]
		token := fmt.Sprintf("%s:%d-%d", b.token, from, to)
		if err := l.deliverPart(ctx, b, part.Range(half[0], half[1]), from, token); err != nil {
			return err
		}
	}
	return nil
}

// insert repeats a block with its token until it succeeds, is refused for what
// it holds, or ctx ends. A refusal is believed only if no row of the block is
// in the table: an earlier attempt whose answer was lost may have succeeded,
// and then other tokens would count its rows again.
func (l *Loader) insert(ctx context.Context, b *batch, part *rowblock.Block, token string) (refusal, err error) {
	table := b.table.String()
	pause := newPause(l.config.RetryMin, l.config.RetryMax)
	defer l.metrics.attempts.end(token)
	tried := b.fate.tries()
	lost := false
	for attempt := 1; ; attempt++ {
		err := l.try(ctx, b, part, token, tried)
		if err == nil {
			b.fate.doubted = b.fate.doubted || tried.doubtful()
			if lost {
				l.isBack()
			}
			return nil, nil
		}
		lost = lost || clickhouse.Unreachable(err)
		if clickhouse.ClassOf(err) == clickhouse.Permanent && l.untouched(ctx, b, part) {
			b.fate.unheard = tried.unheard // what was not heard of concerns the halves as well
			return err, nil
		}
		l.metrics.attempts.failed(token, attempt)
		l.logger.Warn("insert failed, it will be tried again", zap.String("table", table),
			zap.Int("rows", part.Rows()), zap.Int("attempt", attempt), zap.String("error", clickhouse.WithoutValues(err.Error())))
		if !sleep(ctx, l.pauseAfter(err, pause)) {
			return nil, ErrStopped
		}
	}
}

// try makes one attempt, and follows it.
func (l *Loader) try(ctx context.Context, b *batch, part *rowblock.Block, token string, tried *tries) error {
	table := b.table.String()
	tried.begin()
	start := time.Now()
	err := l.inserter.Insert(ctx, table, part.Input(), token, func(process string) error {
		if err := b.fate.sending(process); err != nil {
			return err
		}
		tried.sending(process)
		return nil
	})
	l.metrics.observe(table, part.Rows(), time.Since(start), err)
	if err == nil {
		return nil
	}
	tried.failed(err)
	if clickhouse.MidCommit(err) {
		err = errors.Join(err, b.fate.sending(unknownProcess)) // so that a restart doubts it as well
	}
	return err
}

// pauseForMerges is the least pause when ClickHouse has more parts than its
// merges can follow: another insert would make it worse.
const pauseForMerges = time.Second

func (l *Loader) pauseAfter(err error, pause *pause) time.Duration {
	if clickhouse.TooManyParts(err) {
		return max(pause.next(), min(pauseForMerges, l.config.RetryMax))
	}
	return pause.next()
}

// untouched reports whether certainly no row of a part is in the table.
func (l *Loader) untouched(ctx context.Context, b *batch, part *rowblock.Block) bool {
	present, err := l.present(ctx, b, part)
	if err != nil {
		l.logger.Warn("cannot ask whether refused rows are in the table", zap.Error(err))
		return false
	}
	for i := range part.Rows() {
		if present[part.Seq(i)] { // between its first and its last number others may be
			return false
		}
	}
	return true
}

// present returns which rows of a part are in the table.
func (l *Loader) present(ctx context.Context, b *batch, part *rowblock.Block) (map[uint64]bool, error) {
	if part.Rows() == 0 {
		return nil, nil
	}
	return l.tables.Present(ctx, b.table.String(), b.month.First(), part.Seq(0), part.Seq(part.Rows()-1))
}

func (l *Loader) quarantine(ctx context.Context, b *batch, row *rowblock.Block, refusal error) error {
	code, _ := clickhouse.CodeOf(refusal)
	refused := clickhouse.Refused{
		ID: fmt.Sprintf("%s-%d", b.table, row.Seq(0)), Table: b.table.String(), Seq: row.Seq(0), Month: b.month.First(),
		Code: code, Error: refusal.Error(), Row: row.JSON(0), Chunk: row.Encode(nil),
	}
	l.logger.Error("ClickHouse refuses a row; it goes to quarantine",
		zap.String("id", refused.ID), zap.Int32("code", code))
	if err := l.record(ctx, func() error { return l.tables.Quarantine(ctx, refused) }); err != nil {
		return err
	}
	l.metrics.quarantined.WithLabelValues(b.table.String()).Inc()
	return nil
}

// record repeats what has to be written down until that succeeds or ctx ends.
func (l *Loader) record(ctx context.Context, write func() error) error {
	pause := newPause(l.config.RetryMin, l.config.RetryMax)
	for {
		err := write()
		if err == nil {
			return nil
		}
		l.logger.Warn("cannot write down what becomes of a batch, it will be tried again", zap.Error(err))
		if !sleep(ctx, pause.next()) {
			return ErrStopped
		}
	}
}
