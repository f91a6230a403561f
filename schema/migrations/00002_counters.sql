-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Counters: how much happened. Counts are signed, so that an erasure can
-- subtract what it removes. A slot lies within one local day wherever offsets
-- and clock changes keep to multiples of 15 minutes, as nearly all have since
-- 1972; day is in the key so that the others are right too (Newfoundland once
-- changed at 00:01), and so that partitions follow those of raw.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.counters_15m
(
    project        LowCardinality(String)              COMMENT 'Project that owns the row',
    day            Date                                COMMENT 'Local day in the zone of the project',
    slot           DateTime('UTC')                     COMMENT 'Start of the 15 minutes',
    type           LowCardinality(String)              COMMENT 'Event type; empty for page views',
    role           LowCardinality(String)              COMMENT 'Role that the person had when it happened',
    events         SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    page_views     SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of people',
    bot_page_views SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of robots'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, slot, type, role)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Counts by quarter of an hour: sums in any time zone';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.metrics_daily
(
    project        LowCardinality(String)              COMMENT 'Project that owns the row',
    day            Date                                COMMENT 'Local day in the zone of the project',
    type           LowCardinality(String)              COMMENT 'Event type; empty for page views',
    role           LowCardinality(String)              COMMENT 'Role that the person had when it happened',
    events         SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    page_views     SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of people',
    bot_page_views SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of robots'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, type, role)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Counts by local day';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.metrics_weekly
(
    project        LowCardinality(String)              COMMENT 'Project that owns the row',
    week           Date                                COMMENT 'Monday of the local ISO week',
    type           LowCardinality(String)              COMMENT 'Event type; empty for page views',
    role           LowCardinality(String)              COMMENT 'Role that the person had when it happened',
    events         SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    page_views     SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of people',
    bot_page_views SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of robots'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYear(week)
ORDER BY (project, week, type, role)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Counts by local ISO week, from metrics_daily';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.metrics_monthly
(
    project        LowCardinality(String)              COMMENT 'Project that owns the row',
    month          Date                                COMMENT 'First day of the local month',
    type           LowCardinality(String)              COMMENT 'Event type; empty for page views',
    role           LowCardinality(String)              COMMENT 'Role that the person had when it happened',
    events         SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    page_views     SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of people',
    bot_page_views SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of robots'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYear(month)
ORDER BY (project, month, type, role)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Counts by local month, from metrics_daily';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.counters_15m_from_events
TO ${IBARURA_DATABASE}.counters_15m AS
SELECT project, day, toStartOfFifteenMinutes(occurred_at) AS slot, type, role,
       toInt64(count()) AS events
FROM ${IBARURA_DATABASE}.events
GROUP BY project, day, slot, type, role;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.counters_15m_from_page_views
TO ${IBARURA_DATABASE}.counters_15m AS
SELECT project, day, toStartOfFifteenMinutes(occurred_at) AS slot, '' AS type, role,
       toInt64(countIf(NOT bot)) AS page_views, toInt64(countIf(bot)) AS bot_page_views
FROM ${IBARURA_DATABASE}.page_views
GROUP BY project, day, slot, role;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.metrics_daily_from_events
TO ${IBARURA_DATABASE}.metrics_daily AS
SELECT project, day, type, role, toInt64(count()) AS events
FROM ${IBARURA_DATABASE}.events
GROUP BY project, day, type, role;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.metrics_daily_from_page_views
TO ${IBARURA_DATABASE}.metrics_daily AS
SELECT project, day, '' AS type, role,
       toInt64(countIf(NOT bot)) AS page_views, toInt64(countIf(bot)) AS bot_page_views
FROM ${IBARURA_DATABASE}.page_views
GROUP BY project, day, role;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.metrics_weekly_from_daily
TO ${IBARURA_DATABASE}.metrics_weekly AS
SELECT project, toMonday(day) AS week, type, role,
       sum(events) AS events, sum(page_views) AS page_views, sum(bot_page_views) AS bot_page_views
FROM ${IBARURA_DATABASE}.metrics_daily
GROUP BY project, week, type, role;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.metrics_monthly_from_daily
TO ${IBARURA_DATABASE}.metrics_monthly AS
SELECT project, toStartOfMonth(day) AS month, type, role,
       sum(events) AS events, sum(page_views) AS page_views, sum(bot_page_views) AS bot_page_views
FROM ${IBARURA_DATABASE}.metrics_daily
GROUP BY project, month, type, role;
-- +goose StatementEnd

-- +goose Down
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.metrics_monthly_from_daily SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.metrics_weekly_from_daily SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.metrics_daily_from_page_views SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.metrics_daily_from_events SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.counters_15m_from_page_views SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.counters_15m_from_events SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.metrics_monthly SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.metrics_weekly SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.metrics_daily SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.counters_15m SYNC;
