-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Repairs. The fence between processes: who repairs orders all who load to stand
-- still, and each says when it does; a state only ever grows, so that rows may
-- come in any order and more than once. And what comparisons have found. Small
-- tables, read whole.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.fences
(
    id         String                                            COMMENT 'Names the order; of a claim, the same as claim',
    claim      String                                            COMMENT 'Names the run of the tool that gave it; begins the names of its tables',
    purpose    LowCardinality(String)                            COMMENT 'What for: verify, rebuild, erase',
    expires_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'When loaders may go on without being told, by the clock of ClickHouse',
    state      SimpleAggregateFunction(max, UInt8)               COMMENT '1 in force, 2 taken away by who gave it, 3 of a claim: lost, with all its orders'
)
ENGINE = AggregatingMergeTree
ORDER BY (id, claim, purpose)
TTL toDateTime(expires_at) + INTERVAL 30 DAY
COMMENT 'Orders to stand still, for repairs that must not be disturbed';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.loaders
(
    id      String                 COMMENT 'The spool that it loads from',
    host    String                 COMMENT 'Host that it runs on',
    state   Enum8('loading' = 1, 'fenced' = 2, 'stopped' = 3, 'forgotten' = 4) COMMENT 'fenced and stopped: nothing is under way; forgotten: an operator says that it is gone for ever',
    fence   String                 COMMENT 'The order that it stands at, if it is fenced',
    seen_at DateTime64(3, 'UTC')   COMMENT 'When it said so, by the clock of ClickHouse',
    version UInt64                 COMMENT 'Grows with every row of a loader; the highest is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
COMMENT 'Who loads, and whether something is under way';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.verifications
(
    started_at DateTime64(3, 'UTC')                 COMMENT 'When the run began, by the clock of ClickHouse',
    host       String                               COMMENT 'Host that ran it',
    outcome    Enum8('running' = 1, 'equal' = 2, 'drift' = 3, 'failed' = 4) COMMENT 'A run has a row at its begin and one at its end; failed: it could not be told',
    ended_at   DateTime64(3, 'UTC')                 COMMENT 'When it ended; when it began, in the first row',
    differing  Map(LowCardinality(String), UInt64)  COMMENT 'Rows that only raw or only the aggregate has, by aggregate'
)
ENGINE = MergeTree
ORDER BY started_at
TTL toDateTime(started_at) + INTERVAL 400 DAY
COMMENT 'Scheduled comparisons of the aggregates with raw';
-- +goose StatementEnd

-- +goose Down
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.verifications SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.loaders SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.fences SYNC;
