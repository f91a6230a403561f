-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Rows that ClickHouse refuses for what they hold, for example because of a
-- constraint or a computed column that somebody has added. A decision about a
-- row is a later row of the same id, so that none is ever changed in place.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.quarantine
(
    id      String                 COMMENT 'Names the row: its table and its seq',
    state   Enum8('held' = 1, 'released' = 2, 'discarded' = 3) COMMENT 'held until somebody decides; released: it is in its table now',
    at      DateTime64(3, 'UTC')   COMMENT 'When it was refused, or decided',
    target  LowCardinality(String) COMMENT 'Table that refused it',
    seq     UInt64                 COMMENT 'Its seq, the same as it will have in its table',
    month   Date                   COMMENT 'First day of the month of its local day',
    code    Int32                  COMMENT 'ClickHouse''s number of the error, 0 if it is not known',
    error   String                 COMMENT 'What ClickHouse said' CODEC(ZSTD(1)),
    row     String                 COMMENT 'The row as a JSON object' CODEC(ZSTD(1)),
    chunk   String                 COMMENT 'The row as the spool held it, for another try; Base64' CODEC(ZSTD(1)),
    version UInt64                 COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Refused rows, with the error, until somebody decides';
-- +goose StatementEnd

-- +goose Down
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.quarantine SYNC;
