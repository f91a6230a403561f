-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Reports by e-mail: when, to whom, and what became of each. Addresses are in
-- report_recipients alone, which only the writer may read, as the keys that
-- links are signed with.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.report_schedules
(
    project  String                 COMMENT 'Project',
    period   LowCardinality(String) COMMENT 'day, week or month: what a report is about',
    schedule String                 COMMENT 'When it is sent: a cron expression in the zone of the project',
    language LowCardinality(String) COMMENT 'en, fr or rw',
    version  UInt64                 COMMENT 'The highest version is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project, period)
COMMENT 'When reports of projects are sent; a project without a row has the defaults';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.report_recipients
(
    project    String                 COMMENT 'Project',
    id         String                 COMMENT 'Names the recipient where the address is not to be: 32 hexadecimal digits',
    period     LowCardinality(String) COMMENT 'day, week or month',
    address    String                 COMMENT 'E-mail address; empty once it is taken off the list',
    added_at   DateTime64(3, 'UTC')   COMMENT 'Reports that were due before are not sent',
    removed_at DateTime64(3, 'UTC')   COMMENT 'When it was taken off the list; 1970: it is on it',
    version    UInt64                 COMMENT 'The highest version is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project, id)
COMMENT 'Who gets reports';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.report_deliveries
(
    project    String                 COMMENT 'Project',
    period     LowCardinality(String) COMMENT 'day, week or month',
    day_from   Date                   COMMENT 'First day that the report is about',
    recipient  String                 COMMENT 'The id in report_recipients, never the address',
    attempt    UInt16                 COMMENT 'From 1. The first row of an attempt has a token of what names it, so that one process has it',
    state      Enum8('claimed' = 1, 'sent' = 2, 'deferred' = 3, 'refused' = 4, 'unsure' = 5) COMMENT 'claimed: about to be sent, or its process died; sent: the mail server took it; deferred, refused: it certainly did not; unsure: nobody knows, and it is not sent again by itself',
    instance   String                 COMMENT 'The process that has it',
    claimed_at DateTime64(3, 'UTC')   COMMENT 'When the attempt began, by the clock of ClickHouse',
    changed_at DateTime64(3, 'UTC')   COMMENT 'When it came into this state',
    error      String                 COMMENT 'What the mail server said, as codes; names nobody',
    version    UInt64                 COMMENT 'The highest version of an attempt is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project, period, day_from, recipient, attempt)
TTL toDateTime(claimed_at) + INTERVAL 800 DAY
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What became of each report to each recipient';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.link_keys
(
    name       String               COMMENT 'What the key is for',
    key        FixedString(32)      COMMENT 'Random; whoever has it can make links that are taken for ours',
    created_at DateTime64(3, 'UTC') COMMENT 'When it was made'
)
ENGINE = MergeTree
ORDER BY name
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Keys that links in e-mails are signed with';
-- +goose StatementEnd

-- +goose Down
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.link_keys SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.report_deliveries SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.report_recipients SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.report_schedules SYNC;
