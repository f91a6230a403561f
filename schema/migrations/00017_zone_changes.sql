-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- A project's zone may change from a date on.

-- +goose Up
-- +goose StatementBegin
ALTER TABLE ${IBARURA_DATABASE}.projects
    COMMENT COLUMN IF EXISTS timezone 'IANA zone in which its local days are cut; if it has changed, ZONE;OLD<DATE: the old one before that date, the latest change first';
-- +goose StatementEnd

-- +goose Down
ALTER TABLE ${IBARURA_DATABASE}.projects
    COMMENT COLUMN IF EXISTS timezone 'IANA zone in which its local days are cut';
