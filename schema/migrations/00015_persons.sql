-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Who used which tag, and who took part in which type of event, by month: sets of
-- persons. They hold keys and no counts, so that a row that comes twice changes
-- nothing: they are filled from the raw rows that are there after their views have
-- begun to fill them. What the events with a tag were is counted in tag_day.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.tag_person
(
    project LowCardinality(String) COMMENT 'Project that owns the row',
    person  UInt64                 COMMENT 'Person, as in events',
    month   Date                   COMMENT 'First day of the local month',
    tag     LowCardinality(String) COMMENT 'Tag of an active event of the person in the month'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(month)
ORDER BY (project, person, month, tag)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Who used which tag, by local month: exact people on tags';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.tag_person_from_events
TO ${IBARURA_DATABASE}.tag_person AS
SELECT project, person, toStartOfMonth(day) AS month, arrayJoin(tags) AS tag
FROM ${IBARURA_DATABASE}.events
WHERE active AND person != 0 AND notEmpty(tags)
GROUP BY project, person, month, tag;
-- +goose StatementEnd

-- +goose StatementBegin
INSERT INTO ${IBARURA_DATABASE}.tag_person
SELECT project, person, toStartOfMonth(day) AS month, arrayJoin(tags) AS tag
FROM ${IBARURA_DATABASE}.events
WHERE active AND person != 0 AND notEmpty(tags)
SETTINGS insert_deduplicate = 0, max_partitions_per_insert_block = 0;
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE ${IBARURA_DATABASE}.tag_day
    DROP COLUMN IF EXISTS views, DROP COLUMN IF EXISTS comments, DROP COLUMN IF EXISTS reactions, DROP COLUMN IF EXISTS shares;
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE ${IBARURA_DATABASE}.tag_day
    ADD COLUMN IF NOT EXISTS views     SimpleAggregateFunction(sum, Int64) COMMENT 'View events among them',
    ADD COLUMN IF NOT EXISTS comments  SimpleAggregateFunction(sum, Int64) COMMENT 'Comment events among them',
    ADD COLUMN IF NOT EXISTS reactions SimpleAggregateFunction(sum, Int64) COMMENT 'Reaction events among them',
    ADD COLUMN IF NOT EXISTS shares    SimpleAggregateFunction(sum, Int64) COMMENT 'Share events among them';
-- +goose StatementEnd

-- +goose StatementBegin
INSERT INTO ${IBARURA_DATABASE}.tag_day (project, day, tag, views, comments, reactions, shares)
SELECT project, day, arrayJoin(arrayDistinct(tags)) AS tag,
       toInt64(countIf(type IN ('post_viewed', 'content_viewed', 'event_viewed'))) AS views,
       toInt64(countIf(type IN ('comment_added', 'comment_created', 'reply_added'))) AS comments,
       toInt64(countIf(type IN ('reaction_added', 'post_liked', 'comment_liked'))) AS reactions,
       toInt64(countIf(type IN ('post_shared', 'content_shared', 'event_shared'))) AS shares
FROM ${IBARURA_DATABASE}.events
WHERE active
GROUP BY project, day, tag
SETTINGS insert_deduplicate = 0, max_partitions_per_insert_block = 0;
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE ${IBARURA_DATABASE}.tag_day_from_events MODIFY QUERY
SELECT project, day, arrayJoin(arrayDistinct(tags)) AS tag, toInt64(count()) AS events,
       toInt64(countIf(type IN ('post_viewed', 'content_viewed', 'event_viewed'))) AS views,
       toInt64(countIf(type IN ('comment_added', 'comment_created', 'reply_added'))) AS comments,
       toInt64(countIf(type IN ('reaction_added', 'post_liked', 'comment_liked'))) AS reactions,
       toInt64(countIf(type IN ('post_shared', 'content_shared', 'event_shared'))) AS shares
FROM ${IBARURA_DATABASE}.events
WHERE active
GROUP BY project, day, tag;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE ${IBARURA_DATABASE}.tag_day_from_events MODIFY QUERY
SELECT project, day, arrayJoin(arrayDistinct(tags)) AS tag, toInt64(count()) AS events
FROM ${IBARURA_DATABASE}.events
WHERE active
GROUP BY project, day, tag;
ALTER TABLE ${IBARURA_DATABASE}.tag_day
    DROP COLUMN IF EXISTS views, DROP COLUMN IF EXISTS comments, DROP COLUMN IF EXISTS reactions, DROP COLUMN IF EXISTS shares;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.tag_person_from_events SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.tag_person SYNC;
