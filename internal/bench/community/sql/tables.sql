-- What the other files work with: everybody, and the sessions of one month.
CREATE DATABASE IF NOT EXISTS bench;

CREATE OR REPLACE TABLE bench.people
(
    no           UInt32  COMMENT 'Number, in the order of joining',
    joined       Int32   COMMENT 'Day of joining, counted from the first one, -1 before it',
    user_id      String  COMMENT 'Empty for a visitor',
    anonymous_id String  COMMENT 'Of the browser; empty for who always signs in',
    person       UInt64  COMMENT 'Hash of the ids, as ingest makes it',
    rank         UInt8   COMMENT 'Role at first: 0 member to 3 admin',
    rises        Int32   COMMENT 'Day from which the role is one higher',
    device       LowCardinality(String),
    browser      LowCardinality(String),
    os           LowCardinality(String),
    country      LowCardinality(String)
)
ENGINE = MergeTree ORDER BY no;

CREATE OR REPLACE TABLE bench.sessions
(
    n            UInt64,
    dice         UInt64 COMMENT 'Random, of the session',
    starts       DateTime64(3, 'UTC'),
    day_no       Int32,
    bot          Bool,
    user_id      String,
    anonymous_id String,
    person       UInt64,
    session_id   String,
    role         LowCardinality(String),
    device       LowCardinality(String),
    browser      LowCardinality(String),
    os           LowCardinality(String),
    country      LowCardinality(String),
    events       UInt8 COMMENT 'Acts in it',
    pages        UInt8 COMMENT 'Pages looked at in it',
    notices      UInt8 COMMENT 'Notifications on the same day',
    registers    Bool  COMMENT 'For an event that people attend'
)
ENGINE = MergeTree ORDER BY n;
