-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- How long rows of a project are kept, in tiers, and from which day on they are
-- still whole. A small table, read whole.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.retention
(
    project       String COMMENT 'Project',
    raw_days      UInt32 COMMENT 'Days that events, page views and refused rows are kept at least; 0: for ever',
    people_days   UInt32 COMMENT 'Days that user_day, user_month, object_person and sessions are kept at least; 0: for ever',
    counters_days UInt32 COMMENT 'Days that counts are kept at least; 0: for ever',
    raw_from      Date   COMMENT 'From this day on raw rows are whole; nothing can be made anew of days before',
    people_from   Date   COMMENT 'From this day on people can be counted',
    counters_from Date   COMMENT 'From this day on there are counts',
    version       UInt64 COMMENT 'The highest version is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY project
COMMENT 'How long rows of projects are kept, and what is left';
-- +goose StatementEnd

-- +goose Down
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.retention SYNC;
