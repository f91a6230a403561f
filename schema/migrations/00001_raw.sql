-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Raw rows, append-only: the truth that every aggregate is proved against.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.events
(
    project      LowCardinality(String)              COMMENT 'Project that owns the row',
    day          Date                                COMMENT 'Local day of occurred_at in the zone of the project',
    type         LowCardinality(String)              COMMENT 'Event type, for example post_created',
    person       UInt64                              COMMENT 'xxHash64 of u:user_id, else of a:anonymous_id; 0 is nobody',
    occurred_at  DateTime64(3, 'UTC')                COMMENT 'When it happened' CODEC(Delta, ZSTD(1)),
    received_at  DateTime64(3, 'UTC')                COMMENT 'When it reached us' CODEC(Delta, ZSTD(1)),
    seq          UInt64                              COMMENT 'Grows with every batch; rebuild and reconciliation count by it' CODEC(Delta, ZSTD(1)),
    id           String                              COMMENT 'Producer''s id of the event, or ours' CODEC(ZSTD(1)),
    user_id      String                              COMMENT 'User, empty if not known' CODEC(ZSTD(1)),
    anonymous_id String                              COMMENT 'Anonymous visitor, empty if not given' CODEC(ZSTD(1)),
    session_id   String                              COMMENT 'Session, empty if not given' CODEC(ZSTD(1)),
    role         LowCardinality(String)              COMMENT 'Role that the person had when it happened',
    object_type  LowCardinality(String)              COMMENT 'Kind of the object acted on',
    object_id    String                              COMMENT 'Object acted on' CODEC(ZSTD(1)),
    tags         Array(LowCardinality(String))       COMMENT 'Tags as sent; a repeated tag counts once',
    properties   Map(LowCardinality(String), String) COMMENT 'Free-form data, values as text' CODEC(ZSTD(1)),
    active       Bool                                COMMENT 'False for passive types, which make nobody active',
    INDEX person_bloom person TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX received_minmax received_at TYPE minmax GRANULARITY 16
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, type, person, occurred_at)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Raw events, one row each';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.page_views
(
    project      LowCardinality(String)              COMMENT 'Project that owns the row',
    day          Date                                COMMENT 'Local day of occurred_at in the zone of the project',
    path         String                              COMMENT 'Path of the page, without query and fragment' CODEC(ZSTD(1)),
    person       UInt64                              COMMENT 'xxHash64 of u:user_id, else of a:anonymous_id; 0 is nobody',
    occurred_at  DateTime64(3, 'UTC')                COMMENT 'When it happened' CODEC(Delta, ZSTD(1)),
    received_at  DateTime64(3, 'UTC')                COMMENT 'When it reached us' CODEC(Delta, ZSTD(1)),
    seq          UInt64                              COMMENT 'Grows with every batch; rebuild and reconciliation count by it' CODEC(Delta, ZSTD(1)),
    id           String                              COMMENT 'Producer''s id of the page view, or ours' CODEC(ZSTD(1)),
    user_id      String                              COMMENT 'User, empty if not known' CODEC(ZSTD(1)),
    anonymous_id String                              COMMENT 'Anonymous visitor, empty if not given' CODEC(ZSTD(1)),
    session_id   String                              COMMENT 'Session, empty if not given' CODEC(ZSTD(1)),
    role         LowCardinality(String)              COMMENT 'Role that the person had when it happened',
    object_type  LowCardinality(String)              COMMENT 'Kind of the object the page shows',
    object_id    String                              COMMENT 'Object the page shows' CODEC(ZSTD(1)),
    url          String                              COMMENT 'Address as sent' CODEC(ZSTD(1)),
    host         LowCardinality(String)              COMMENT 'Host of the address, lower case',
    title        String                              COMMENT 'Title of the page' CODEC(ZSTD(1)),
    referrer     String                              COMMENT 'Referring address as sent' CODEC(ZSTD(1)),
    source       LowCardinality(String)              COMMENT 'Referring site, known names folded; empty if direct or internal',
    utm_source   LowCardinality(String)              COMMENT 'utm_source of the address',
    utm_medium   LowCardinality(String)              COMMENT 'utm_medium of the address',
    utm_campaign LowCardinality(String)              COMMENT 'utm_campaign of the address',
    utm_term     LowCardinality(String)              COMMENT 'utm_term of the address',
    utm_content  LowCardinality(String)              COMMENT 'utm_content of the address',
    duration_ms  UInt32                              COMMENT 'Time on the page in milliseconds, 0 if not told',
    device       LowCardinality(String)              COMMENT 'desktop, mobile, tablet, bot or other',
    browser      LowCardinality(String)              COMMENT 'Browser family',
    os           LowCardinality(String)              COMMENT 'Operating system family',
    country      LowCardinality(String)              COMMENT 'ISO 3166-1 alpha-2, empty if not known',
    bot          Bool                                COMMENT 'A robot by its user agent; stored, counted apart',
    properties   Map(LowCardinality(String), String) COMMENT 'Free-form data, values as text' CODEC(ZSTD(1)),
    INDEX person_bloom person TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX received_minmax received_at TYPE minmax GRANULARITY 16
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, path, person, occurred_at)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Raw page views, one row each';
-- +goose StatementEnd

-- +goose Down
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.page_views SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.events SYNC;
