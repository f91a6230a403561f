-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Links that show one view of the dashboard to whoever has them. The link itself
-- is not kept: it is made of a row and the secret that signs sessions. A small
-- table, read whole and with FINAL.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.view_links
(
    id         String                     COMMENT 'Public name of the link, for listing and revoking',
    project    String                     COMMENT 'Project that it shows',
    name       String                     COMMENT 'What its maker calls it; whoever has the link sees it',
    view       String                     COMMENT 'What it shows: a page of the dashboard, ? and its parameters',
    made_by    String                     COMMENT 'Id of the key that made it',
    created_at DateTime64(3, 'UTC')       COMMENT 'When it was made',
    expires_at DateTime64(3, 'UTC')       COMMENT 'From when on it shows nothing, in whole seconds',
    revoked_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was revoked, null while it is good',
    version    UInt64                     COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
TTL toDateTime(expires_at) + INTERVAL 400 DAY
COMMENT 'Links to views of the dashboard';
-- +goose StatementEnd

-- +goose Down
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.view_links SYNC;
