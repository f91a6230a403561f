-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- What is fresh, and what is derived. landed says of each local day which
-- landings of rows have begun there and which have ended: its marks are the
-- watermarks that caches and derived tables are held against. Derived tables
-- hold answers that are made anew from aggregates by a job. Each run of the job
-- writes rows of its own into a partition of its own and becomes the one in
-- force by its row in derived_runs, so that a reader sees one run or the next
-- one, whole, and two processes that derive at once do no harm.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.landed
(
    project LowCardinality(String)                             COMMENT 'Project whose rows landed',
    day     Date                                               COMMENT 'Local day in the zone of the project',
    begun   SimpleAggregateFunction(sum, UInt64)               COMMENT 'Sum of the marks of the landings that have begun, modulo 2^64',
    ended   SimpleAggregateFunction(sum, UInt64)               COMMENT 'Sum of the marks of those whose rows can all be queried; equal to begun when nothing is under way',
    at      SimpleAggregateFunction(max, DateTime64(3, 'UTC')) DEFAULT now64(3, 'UTC') COMMENT 'When a landing last began or ended, by the clock of the server'
)
ENGINE = AggregatingMergeTree
ORDER BY (project, day)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Watermarks: what has landed on each local day';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.derived_runs
(
    project  LowCardinality(String)   COMMENT 'Project that was derived',
    part     LowCardinality(String)   COMMENT 'What was derived: gaps or cells',
    run      UInt64                   COMMENT 'Names the rows of the run; begins with its time, in milliseconds, above 20 random bits',
    as_of    DateTime64(3, 'UTC')     COMMENT 'When the run began to read; the latest one of a part is in force',
    took_ms  UInt32                   COMMENT 'How long it took, in milliseconds',
    kept     Date                     COMMENT 'First month that user_month had',
    roles    Array(String)            COMMENT 'Roles that have rows of their own; of others it says nothing',
    days     Array(Date)              COMMENT 'Days that had landings, all of them ended when the run began',
    marks    Array(UInt64)            COMMENT 'What landed.begun was for each of these days'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (project, part)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Which run of each derived table is in force, and what it has seen';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.derived_claims
(
    project LowCardinality(String)            COMMENT 'Project that is to be derived',
    part    LowCardinality(String)            COMMENT 'What is to be derived',
    after   UInt64                            COMMENT 'Run that is to be followed, 0 for none',
    attempt UInt32                            COMMENT 'Counts the times that a claim lapsed',
    holder  String                            COMMENT 'Process that does it',
    at      DateTime('UTC') DEFAULT now('UTC') COMMENT 'When it was claimed'
)
ENGINE = MergeTree
ORDER BY (project, part, after, attempt)
TTL at + INTERVAL 1 DAY
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Which process derives what: the first to insert a claim has it';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.gap_day
(
    run      UInt64                                COMMENT 'Run that made the row',
    project  LowCardinality(String)                COMMENT 'Project that owns the row',
    everyone Bool                                  COMMENT 'True: activity in any role, and role is empty',
    role     LowCardinality(String)                COMMENT 'Role that the activity was in, empty for none',
    day      Date                                  COMMENT 'Local day in the zone of the project',
    gap      UInt16                                COMMENT 'Days since the previous active day; 65535: there is none; 65534: there was one, before the days that are kept',
    n        SimpleAggregateFunction(sum, UInt64)  COMMENT 'Persons active on the day with that gap'
)
ENGINE = AggregatingMergeTree
PARTITION BY run
ORDER BY (project, everyone, role, day, gap)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Gap histogram: distinct people of any range [a, b) are those of its days whose day - gap < a';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}.retention_cells
(
    run      UInt64                               COMMENT 'Run that made the row',
    project  LowCardinality(String)               COMMENT 'Project that owns the row',
    interval LowCardinality(String)               COMMENT 'day, week or month',
    everyone Bool                                 COMMENT 'True: activity in any role, and role is empty',
    role     LowCardinality(String)               COMMENT 'Role that the activity was in, empty for none',
    cohort   Date                                 COMMENT 'First day of the period in which the persons were first seen, in any role',
    period   UInt16                               COMMENT 'Periods after the cohort''s own; the last one stands for all later ones too, but in active',
    active   SimpleAggregateFunction(sum, UInt64) COMMENT 'Persons active in that period',
    latest   SimpleAggregateFunction(sum, UInt64) COMMENT 'Persons whose latest active period it is: their sum from N on are those of on_or_after',
    unbroken SimpleAggregateFunction(sum, UInt64) COMMENT 'Persons who were active in each period up to it, and not in the next: their sum from N on are those of streak'
)
ENGINE = AggregatingMergeTree
PARTITION BY run
ORDER BY (project, interval, everyone, role, cohort, period)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Retention by cohort and period, for each of its kinds';
-- +goose StatementEnd

-- +goose Down
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.retention_cells SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.gap_day SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.derived_claims SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.derived_runs SYNC;
DROP TABLE IF EXISTS ${IBARURA_DATABASE}.landed SYNC;
