-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- What the scheduler has run. A run is a row that is renewed while it lasts;
-- its first row is inserted under a token made of job, occasion and attempt, so
-- that of several processes that want the same run the first one has it.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.job_runs
(
    job        LowCardinality(String) COMMENT 'Name of the job',
    due_at     DateTime64(3, 'UTC')   COMMENT 'Moment of the schedule that it is for; 1970 for the first run of all, the moment of asking for a run by hand',
    attempt    UInt16                 COMMENT 'From 1; the next one follows a run that failed or was lost',
    instance   String                 COMMENT 'The process that has it',
    host       String                 COMMENT 'Host of that process',
    started_at DateTime64(3, 'UTC')   COMMENT 'When it began, by the clock of ClickHouse, as all moments here',
    seen_at    DateTime64(3, 'UTC')   COMMENT 'When it was last heard of; a run that is silent for a minute is lost',
    ended_at   DateTime64(3, 'UTC')   COMMENT 'When it ended; 1970 while it runs',
    outcome    Enum8('running' = 1, 'done' = 2, 'failed' = 3, 'lost' = 4, 'yielded' = 5) COMMENT 'lost: its process died; yielded: another one was already at it',
    error      String                 COMMENT 'Why it failed; names nobody',
    version    UInt64                 COMMENT 'The highest version of a run is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (job, due_at, attempt)
TTL toDateTime(started_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Runs of scheduled jobs';
-- +goose StatementEnd

-- +goose Down
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.job_runs SYNC;
