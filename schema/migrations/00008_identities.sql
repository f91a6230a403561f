-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Who is who, and what is known of them: from events of the types identify, alias
-- and group. Nothing is joined by these tables: they say what producers said.
-- Like persons, they hold one row for all time, whatever the month, and only
-- minima and maxima, so that a row that comes twice or late changes nothing.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.identities
(
    project      LowCardinality(String)                             COMMENT 'Project that owns the row',
    anonymous_id String                                             COMMENT 'Anonymous visitor, or a former id, that is the user',
    user_id      String                                             COMMENT 'User',
    person       SimpleAggregateFunction(max, UInt64)               COMMENT 'Person of the user, as in events',
    first_linked SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'When it was first said that they are one',
    last_linked  SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'When it was last said'
)
ENGINE = AggregatingMergeTree
ORDER BY (project, anonymous_id, user_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Which anonymous ids were said to be which users; their histories are not joined';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.traits
(
    project     LowCardinality(String)               COMMENT 'Project that owns the row',
    kind        LowCardinality(String)               COMMENT 'user, anonymous or group',
    object_type LowCardinality(String)               COMMENT 'Kind of the group, empty for people',
    id          String                               COMMENT 'User id, anonymous id of who has no user id, or id of the group',
    key         LowCardinality(String)               COMMENT 'Name of the trait',
    person      SimpleAggregateFunction(max, UInt64) COMMENT 'Person that has the trait, as in events; 0 for a group',
    first       SimpleAggregateFunction(min, Tuple(at DateTime64(3, 'UTC'), seq UInt64, value String)) COMMENT 'Earliest value, and when it was said',
    latest      SimpleAggregateFunction(max, Tuple(at DateTime64(3, 'UTC'), seq UInt64, value String)) COMMENT 'Latest value, and when it was said'
)
ENGINE = AggregatingMergeTree
ORDER BY (project, kind, object_type, id, key)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What is known of users, visitors and groups: first and latest value of each trait';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.identities_from_events
TO ${IBARURA_DATABASE}.identities AS
SELECT project, anonymous_id, user_id, max(e.person) AS person,
       min(occurred_at) AS first_linked, max(occurred_at) AS last_linked
FROM ${IBARURA_DATABASE}.events AS e
WHERE type IN ('identify', 'alias') AND user_id != '' AND anonymous_id != ''
GROUP BY project, anonymous_id, user_id;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE MATERIALIZED VIEW IF NOT EXISTS ${IBARURA_DATABASE}.traits_from_events
TO ${IBARURA_DATABASE}.traits AS
SELECT e.project AS project,
       multiIf(e.type = 'group', 'group', e.user_id != '', 'user', 'anonymous') AS kind,
       if(e.type = 'group', e.object_type, '') AS object_type,
       multiIf(e.type = 'group', e.object_id, e.user_id != '', e.user_id, e.anonymous_id) AS id,
       trait.1 AS key, max(if(e.type = 'group', 0, e.person)) AS person,
       min((e.occurred_at, e.seq, trait.2)) AS first, max((e.occurred_at, e.seq, trait.2)) AS latest
FROM ${IBARURA_DATABASE}.events AS e
ARRAY JOIN CAST(e.properties, 'Array(Tuple(String, String))') AS trait
WHERE e.type IN ('identify', 'group') AND id != ''
GROUP BY project, kind, object_type, id, key;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.identities
(
    project      String               COMMENT 'Project',
    anonymous_id String               COMMENT 'Anonymous visitor, or a former id',
    user_id      String               COMMENT 'The user that it is',
    person       UInt64               COMMENT 'Person of the user',
    first_linked DateTime64(3, 'UTC') COMMENT 'When it was first said that they are one, UTC',
    last_linked  DateTime64(3, 'UTC') COMMENT 'When it was last said, UTC'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(i.project) AS project, i.anonymous_id AS anonymous_id, i.user_id AS user_id, max(i.person) AS person,
          min(i.first_linked) AS first_linked, max(i.last_linked) AS last_linked
FROM ${IBARURA_DATABASE}.identities AS i
GROUP BY i.project, i.anonymous_id, i.user_id
COMMENT 'Which anonymous ids were said to be which users';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.traits
(
    project     String               COMMENT 'Project',
    kind        String               COMMENT 'user, anonymous or group',
    object_type String               COMMENT 'Kind of the group, empty for people',
    id          String               COMMENT 'User id, anonymous id, or id of the group',
    person      UInt64               COMMENT 'Person that has the trait; 0 for a group',
    key         String               COMMENT 'Name of the trait',
    value       String               COMMENT 'Latest value',
    said_at     DateTime64(3, 'UTC') COMMENT 'When the latest value was said, UTC',
    first_value String               COMMENT 'Earliest value',
    first_at    DateTime64(3, 'UTC') COMMENT 'When the earliest value was said, UTC'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(t.project) AS project, toString(t.kind) AS kind, toString(t.object_type) AS object_type, t.id AS id,
          max(t.person) AS person, toString(t.key) AS key, max(t.latest).3 AS value, max(t.latest).1 AS said_at,
          min(t.first).3 AS first_value, min(t.first).1 AS first_at
FROM ${IBARURA_DATABASE}.traits AS t
GROUP BY t.project, t.kind, t.object_type, t.id, t.key
COMMENT 'What is known of users, visitors and groups';
-- +goose StatementEnd

-- +goose Down
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.traits SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.identities SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.traits_from_events SYNC;
DROP VIEW IF EXISTS ${IBARURA_DATABASE}.identities_from_events SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.traits SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.identities SYNC;
