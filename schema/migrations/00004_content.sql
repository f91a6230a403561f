-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Content: what was acted on. Passive events do not count here, since
-- receiving is not acting. Which types are views, comments, reactions and
-- shares is written down here and in docs/definitions.md.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.content_day
(
    project     LowCardinality(String)              COMMENT 'Project that owns the row',
    day         Date                                COMMENT 'Local day in the zone of the project',
    object_type LowCardinality(String)              COMMENT 'Kind of the object',
    object_id   String                              COMMENT 'Object' CODEC(ZSTD(1)),
    events      SimpleAggregateFunction(sum, Int64) COMMENT 'Active events on the object',
    views       SimpleAggregateFunction(sum, Int64) COMMENT 'View events, and page views of people that show the object',
    comments    SimpleAggregateFunction(sum, Int64) COMMENT 'Comment events',
    reactions   SimpleAggregateFunction(sum, Int64) COMMENT 'Reaction events',
    shares      SimpleAggregateFunction(sum, Int64) COMMENT 'Share events'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, object_type, object_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Counts by object and local day';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.tag_day
(
    project LowCardinality(String)              COMMENT 'Project that owns the row',
    day     Date                                COMMENT 'Local day in the zone of the project',
    tag     LowCardinality(String)              COMMENT 'Tag',
    events  SimpleAggregateFunction(sum, Int64) COMMENT 'Active events that carry the tag, each once'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, tag)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Counts by tag and local day';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.object_person
(
    project     LowCardinality(String)              COMMENT 'Project that owns the row',
    month       Date                                COMMENT 'First day of the local month',
    object_type LowCardinality(String)              COMMENT 'Kind of the object',
    object_id   String                              COMMENT 'Object' CODEC(ZSTD(1)),
    person      UInt64                              COMMENT 'Person, as in events',
    events      SimpleAggregateFunction(sum, Int64) COMMENT 'Active events of the person on the object in the month'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(month)
ORDER BY (project, month, object_type, object_id, person)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Who acted on what, by local month: exact people on content';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.content_day_from_events
TO ${IBARURA_DATABASE}.content_day AS
SELECT project, day, object_type, object_id,
       toInt64(count()) AS events,
       toInt64(countIf(type IN ('post_viewed', 'content_viewed', 'event_viewed'))) AS views,
       toInt64(countIf(type IN ('comment_added', 'comment_created', 'reply_added'))) AS comments,
       toInt64(countIf(type IN ('reaction_added', 'post_liked', 'comment_liked'))) AS reactions,
       toInt64(countIf(type IN ('post_shared', 'content_shared', 'event_shared'))) AS shares
FROM ${IBARURA_DATABASE}.events
WHERE active AND object_id != ''
GROUP BY project, day, object_type, object_id;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.content_day_from_page_views
TO ${IBARURA_DATABASE}.content_day AS
SELECT project, day, object_type, object_id, toInt64(count()) AS views
FROM ${IBARURA_DATABASE}.page_views
WHERE NOT bot AND object_id != ''
GROUP BY project, day, object_type, object_id;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.tag_day_from_events
TO ${IBARURA_DATABASE}.tag_day AS
SELECT project, day, arrayJoin(arrayDistinct(tags)) AS tag, toInt64(count()) AS events
FROM ${IBARURA_DATABASE}.events
WHERE active
GROUP BY project, day, tag;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.object_person_from_events
TO ${IBARURA_DATABASE}.object_person AS
SELECT project, toStartOfMonth(day) AS month, object_type, object_id, person, toInt64(count()) AS events
FROM ${IBARURA_DATABASE}.events
WHERE active AND person != 0 AND object_id != ''
GROUP BY project, month, object_type, object_id, person;
-- +goose StatementEnd

-- +goose Down
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.object_person_from_events SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.tag_day_from_events SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.content_day_from_page_views SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.content_day_from_events SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.object_person SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.tag_day SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.content_day SYNC;
