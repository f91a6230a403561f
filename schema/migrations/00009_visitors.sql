-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- What the tracker in browsers needs: the salts that visitors are hashed with,
-- and the origins whose pages may post for a project. A partition holds the
-- days that end at one moment, so that dropping it is how a salt is thrown
-- away, and its files are gone seconds later. The window of tokens makes the
-- first process that stores a day's salt the only one.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.visitor_salts
(
    zone       LowCardinality(String) COMMENT 'IANA zone whose local day it is',
    day        Date                   COMMENT 'Local day that the salt is for',
    salt       FixedString(32)        COMMENT 'Random; whoever has it can tell whether an address visited on that day',
    expires_at DateTime64(3, 'UTC')   COMMENT 'End of the day: then the row is dropped'
)
ENGINE = MergeTree
PARTITION BY expires_at
ORDER BY (zone, day)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 1
COMMENT 'Salts of the days that are not over, for hashing visitors';
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE ${IBARURA_DATABASE}.projects
    ADD COLUMN IF NOT EXISTS origins Array(String) COMMENT 'Origins of pages in browsers that may post with a key of the project' AFTER deleted;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE ${IBARURA_DATABASE}.projects DROP COLUMN IF EXISTS origins;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.visitor_salts SYNC;
