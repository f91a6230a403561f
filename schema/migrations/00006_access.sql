-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- Who may do what. Small tables, read whole and with FINAL.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.projects
(
    project    String              COMMENT 'Name of the project',
    timezone   String              COMMENT 'IANA zone in which its local days are cut',
    created_at DateTime64(3, 'UTC') COMMENT 'When it was created',
    deleted    UInt8               COMMENT '1 once it is deleted',
    version    UInt64              COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY project
COMMENT 'Projects: each sees its own rows alone';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.api_keys
(
    id         String                                     COMMENT 'Public name of the key, for listing and revoking',
    project    String                                     COMMENT 'Project that the key opens',
    scope      Enum8('write' = 1, 'read' = 2, 'admin' = 3) COMMENT 'What the key may do',
    label      String                                     COMMENT 'What the operator calls it',
    hash       FixedString(32)                            COMMENT 'SHA-256 of the key; the key itself is not kept',
    created_at DateTime64(3, 'UTC')                        COMMENT 'When it was created',
    revoked_at Nullable(DateTime64(3, 'UTC'))              COMMENT 'When it was revoked, null while it is good',
    version    UInt64                                     COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
COMMENT 'API keys, hashed';
-- +goose StatementEnd

-- +goose Down
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.api_keys SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.projects SYNC;
