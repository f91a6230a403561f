-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Sessions that carry a session_id. A session over midnight, or one whose
-- visitor signs in on the way, has several rows: questions group by
-- session_id. Entry and exit are pairs of time and value, so that min and max
-- choose them; a row without a page view brings neutral pairs.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.sessions
(
    project    LowCardinality(String)                                        COMMENT 'Project that owns the row',
    day        Date                                                          COMMENT 'Local day in the zone of the project',
    session_id String                                                        COMMENT 'Session as sent by the producer' CODEC(ZSTD(1)),
    person     UInt64                                                        COMMENT 'Person, as in events; 0 is nobody',
    started_at SimpleAggregateFunction(min, DateTime64(3, 'UTC'))            COMMENT 'First event or page view',
    ended_at   SimpleAggregateFunction(max, DateTime64(3, 'UTC'))            COMMENT 'Last event or page view',
    events     SimpleAggregateFunction(sum, Int64)                           COMMENT 'Active events',
    page_views SimpleAggregateFunction(sum, Int64)                           COMMENT 'Page views, those of robots included',
    entry      SimpleAggregateFunction(min, Tuple(DateTime64(3, 'UTC'), String)) COMMENT 'Time and path of the first page',
    exit       SimpleAggregateFunction(max, Tuple(DateTime64(3, 'UTC'), String)) COMMENT 'Time and path of the last page',
    source     SimpleAggregateFunction(min, Tuple(DateTime64(3, 'UTC'), String)) COMMENT 'Time and referring site of the first page',
    device     SimpleAggregateFunction(max, String)                          COMMENT 'Kind of device',
    browser    SimpleAggregateFunction(max, String)                          COMMENT 'Browser family',
    country    SimpleAggregateFunction(max, String)                          COMMENT 'ISO 3166-1 alpha-2, empty if not known',
    bot        SimpleAggregateFunction(max, UInt8)                           COMMENT '1 if a page of it was seen by a robot'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, session_id, person)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Sessions by session_id, local day and person';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.sessions_from_events
TO ${IBARURA_DATABASE}.sessions AS
SELECT project, day, session_id, person,
       min(occurred_at) AS started_at, max(occurred_at) AS ended_at, toInt64(count()) AS events,
       (toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), '') AS entry,
       (toDateTime64('1900-01-01 00:00:00', 3, 'UTC'), '') AS exit,
       (toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), '') AS source
FROM ${IBARURA_DATABASE}.events
WHERE active AND session_id != ''
GROUP BY project, day, session_id, person;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.sessions_from_page_views
TO ${IBARURA_DATABASE}.sessions AS
SELECT project, day, session_id, person,
       min(v.occurred_at) AS started_at, max(v.occurred_at) AS ended_at, toInt64(count()) AS page_views,
       min((v.occurred_at, v.path)) AS entry, max((v.occurred_at, v.path)) AS exit,
       min((v.occurred_at, toString(v.source))) AS source,
       max(toString(v.device)) AS device, max(toString(v.browser)) AS browser,
       max(toString(v.country)) AS country, max(toUInt8(v.bot)) AS bot
FROM ${IBARURA_DATABASE}.page_views AS v
WHERE session_id != ''
GROUP BY project, day, session_id, person;
-- +goose StatementEnd

-- +goose Down
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.sessions_from_page_views SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.sessions_from_events SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.sessions SYNC;
