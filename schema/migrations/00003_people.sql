-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- People: who was active when. Only active events of somebody count here.
-- Rows are exact persons, so that they can be erased and verified.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.user_day
(
    project LowCardinality(String)              COMMENT 'Project that owns the row',
    person  UInt64                              COMMENT 'Person, as in events',
    day     Date                                COMMENT 'Local day in the zone of the project' CODEC(Delta, ZSTD(1)),
    role    LowCardinality(String)              COMMENT 'Role that the person had when it happened',
    events  SimpleAggregateFunction(sum, Int64) COMMENT 'Active events of the person on that day in that role'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, person, day, role)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Active person-days: distinct people of any range of local days';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.user_month
(
    project LowCardinality(String)                      COMMENT 'Project that owns the row',
    person  UInt64                                      COMMENT 'Person, as in events',
    month   Date                                        COMMENT 'First day of the local month',
    role    LowCardinality(String)                      COMMENT 'Role that the person had when it happened',
    days    SimpleAggregateFunction(groupBitOr, UInt32) COMMENT 'Bit n-1 is set if the person was active on the n-th of the month'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(month)
ORDER BY (project, person, month, role)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Active days of each person by month, as a bit mask';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.persons
(
    project      LowCardinality(String)                            COMMENT 'Project that owns the row',
    person       UInt64                                            COMMENT 'Person, as in events',
    user_id      SimpleAggregateFunction(max, String)              COMMENT 'User id, empty for an anonymous visitor',
    anonymous_id SimpleAggregateFunction(max, String)              COMMENT 'Anonymous id of a person without user id',
    first_seen   SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Earliest active event',
    last_seen    SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Latest active event'
)
ENGINE = AggregatingMergeTree
ORDER BY (project, person)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'First and last sight of each person; a backfill corrects it';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.user_day_from_events
TO ${IBARURA_DATABASE}.user_day AS
SELECT project, person, day, role, toInt64(count()) AS events
FROM ${IBARURA_DATABASE}.events
WHERE active AND person != 0
GROUP BY project, person, day, role;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.user_month_from_user_day
TO ${IBARURA_DATABASE}.user_month AS
SELECT project, person, toStartOfMonth(day) AS month, role,
       groupBitOr(bitShiftLeft(toUInt32(1), toDayOfMonth(day) - 1)) AS days
FROM ${IBARURA_DATABASE}.user_day
GROUP BY project, person, month, role;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.persons_from_events
TO ${IBARURA_DATABASE}.persons AS
SELECT project, person, max(user_id) AS user_id,
       max(if(e.user_id = '', e.anonymous_id, '')) AS anonymous_id,
       min(occurred_at) AS first_seen, max(occurred_at) AS last_seen
FROM ${IBARURA_DATABASE}.events AS e
WHERE active AND person != 0
GROUP BY project, person;
-- +goose StatementEnd

-- +goose Down
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.persons_from_events SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.user_month_from_user_day SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.user_day_from_events SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.persons SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.user_month SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.user_day SYNC;
