-- The three users of Ibarura, for a ClickHouse server whose users live in SQL; where they live in files, take
-- users.d/ibarura.xml in place of this. Run it once, as an administrator with access management:
--
--     clickhouse-client --user ADMIN --ask-password --queries-file users.sql \
--         --param_writer_password=… --param_reader_password=… --param_bi_password=…
--
-- It may be run again, to change the passwords or to renew the rights.

CREATE SETTINGS PROFILE OR REPLACE ibarura_writing SETTINGS
    async_insert = 0,
    insert_deduplicate = 1,
    deduplicate_blocks_in_dependent_materialized_views = 1,
    materialized_views_ignore_errors = 0;

-- The minimum of each limit is there because 0 would mean "no limit".
CREATE SETTINGS PROFILE OR REPLACE ibarura_reading SETTINGS
    readonly = 2,
    max_execution_time = 60 MIN 0.001 MAX 3600,
    max_memory_usage = 2147483648 MIN 1 MAX 8589934592,
    max_memory_usage_for_user READONLY,
    timeout_overflow_mode READONLY,
    allow_introspection_functions READONLY,
    allow_ddl READONLY;

CREATE SETTINGS PROFILE OR REPLACE ibarura_bi SETTINGS
    INHERIT 'ibarura_reading',
    max_concurrent_queries_for_user = 8 READONLY,
    max_memory_usage_for_user = 4294967296 READONLY;

CREATE USER OR REPLACE ibarura
    IDENTIFIED WITH sha256_password BY {writer_password:String} SETTINGS PROFILE 'ibarura_writing';
CREATE USER OR REPLACE ibarura_reader
    IDENTIFIED WITH sha256_password BY {reader_password:String} SETTINGS PROFILE 'ibarura_reading';
CREATE USER OR REPLACE bi
    IDENTIFIED WITH sha256_password BY {bi_password:String} SETTINGS PROFILE 'ibarura_bi';

CREATE QUOTA OR REPLACE ibarura_bi
    FOR INTERVAL 1 HOUR MAX queries = 20000, errors = 5000, execution_time = 14400 TO bi;

-- The writer migrates: it creates the databases, the tables and the views, and is the definer of the views of `bi`.
GRANT ALL ON ibarura.* TO ibarura;
GRANT ALL ON bi.* TO ibarura;
GRANT SET DEFINER ON ibarura TO ibarura;
-- Asked for where the server sets table_engines_require_grant.
GRANT TABLE ENGINE ON MergeTree TO ibarura;
GRANT TABLE ENGINE ON AggregatingMergeTree TO ibarura;
GRANT TABLE ENGINE ON ReplacingMergeTree TO ibarura;
GRANT TABLE ENGINE ON Null TO ibarura;
-- The uptime of the host: after a boot what the last one may have lost is looked for.
GRANT SELECT ON system.asynchronous_metrics TO ibarura;
-- Which parts still hold what was erased.
GRANT SELECT ON system.parts TO ibarura;
GRANT SELECT ON system.mutations TO ibarura;

GRANT SELECT ON ibarura.* TO ibarura_reader;
-- The salts undo the hashing of visitors, the keys sign links, and the recipients are addresses of people: nobody
-- reads them but the writer.
REVOKE SELECT ON ibarura.visitor_salts FROM ibarura_reader;
REVOKE SELECT ON ibarura.link_keys FROM ibarura_reader;
REVOKE SELECT ON ibarura.report_recipients FROM ibarura_reader;

-- Tools list tables through information_schema.tables, which reads system.parts; each shows what one may see. The
-- grants on it are only asked for where the server has select_from_information_schema_requires_grant.
GRANT SELECT ON bi.* TO bi;
GRANT SELECT ON system.parts TO bi;
GRANT SELECT ON information_schema.* TO bi;
GRANT SELECT ON INFORMATION_SCHEMA.* TO bi;
