-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Persons who are to be forgotten. An order names a person by the 64-bit hash
-- that its rows have, never in clear, and stays: a spool that comes back late
-- asks whether somebody in it has been erased. Small tables, read whole.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.erasures
(
    id         String               COMMENT 'Names the order',
    project    String               COMMENT 'Project that the person is of',
    persons    Array(UInt64)        COMMENT 'Persons to erase, as in events: a user, and visitors that are the same',
    subjects   Array(String)        COMMENT 'What was asked for: user or anonymous, a space, and the SHA-256 of project, kind and id',
    linked     Bool                 COMMENT 'The anonymous ids that were said to be the user go, too: those that are known once the spools are loaded',
    blocked    Bool                 COMMENT 'Rows of the person that come later are refused',
    state      Enum8('ordered' = 1, 'copied' = 2, 'purged' = 3, 'swept' = 4, 'finished' = 5)
                                    COMMENT 'copied: which rows is written down; purged: no query finds them; swept: no file of a table holds them; finished: nor does a spool',
    round      UInt32               COMMENT 'Grows when the order is carried out again, for a spool that came back late',
    ordered_at DateTime64(3, 'UTC') COMMENT 'When it was ordered',
    changed_at DateTime64(3, 'UTC') COMMENT 'When it came into this state',
    receipt    String               COMMENT 'What was done so far, as JSON',
    version    UInt64               COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Orders to erase persons, and how far each has come';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.erasure_spools
(
    id       String               COMMENT 'The order',
    spool    String               COMMENT 'The spool that has done its part',
    state    Enum8('drained' = 1, 'clean' = 2)
                                  COMMENT 'drained: what it had when it saw the order is loaded; clean: no file of it is left from before',
    cut      UInt64               COMMENT 'Rows of this spool from this seq on came after the order, and stay',
    position UInt64               COMMENT 'Where in the spool that is',
    aside    UInt32               COMMENT 'Copies of damaged places that lie in its folder, and may hold rows of the person',
    at       DateTime64(3, 'UTC') COMMENT 'When it said so',
    version  UInt64               COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (id, spool)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What each spool has done for each erasure';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.erasure_rows
(
    id     String                 COMMENT 'The order',
    target LowCardinality(String) COMMENT 'Raw table',
    day    Date                   COMMENT 'Local day of the row',
    seq    UInt64                 COMMENT 'Number of the row' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (id, target, seq)
SETTINGS non_replicated_deduplication_window = 0
COMMENT 'Rows that an erasure is about to remove, by their numbers; empty once it has';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.erasure_keys
(
    id     String                 COMMENT 'The order',
    target LowCardinality(String) COMMENT 'Aggregate of counts',
    key    String                 COMMENT 'Its sort key, as text, where nothing is left to count' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (id, target, key)
SETTINGS non_replicated_deduplication_window = 0
COMMENT 'Rows of aggregates in which an erased person was the only one; empty once they are gone';
-- +goose StatementEnd

-- +goose Down
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.erasure_keys SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.erasure_rows SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.erasure_spools SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.erasures SYNC;
