-- ibarura.api_keys
CREATE TABLE ibarura.api_keys
(
    `id` String COMMENT 'Public name of the key, for listing and revoking',
    `project` String COMMENT 'Project that the key opens',
    `scope` Enum8('write' = 1, 'read' = 2, 'admin' = 3) COMMENT 'What the key may do',
    `label` String COMMENT 'What the operator calls it',
    `hash` FixedString(32) COMMENT 'SHA-256 of the key; the key itself is not kept',
    `created_at` DateTime64(3, 'UTC') COMMENT 'When it was created',
    `revoked_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was revoked, null while it is good',
    `version` UInt64 COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS index_granularity = 8192
COMMENT 'API keys, hashed';

-- ibarura.content_day
CREATE TABLE ibarura.content_day
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `day` Date COMMENT 'Local day in the zone of the project',
    `object_type` LowCardinality(String) COMMENT 'Kind of the object',
    `object_id` String COMMENT 'Object' CODEC(ZSTD(1)),
    `events` SimpleAggregateFunction(sum, Int64) COMMENT 'Active events on the object',
    `views` SimpleAggregateFunction(sum, Int64) COMMENT 'View events, and page views of people that show the object',
    `comments` SimpleAggregateFunction(sum, Int64) COMMENT 'Comment events',
    `reactions` SimpleAggregateFunction(sum, Int64) COMMENT 'Reaction events',
    `shares` SimpleAggregateFunction(sum, Int64) COMMENT 'Share events'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, object_type, object_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Counts by object and local day';

-- ibarura.content_day_from_events
CREATE MATERIALIZED VIEW ibarura.content_day_from_events TO ibarura.content_day
(
    `project` LowCardinality(String),
    `day` Date,
    `object_type` LowCardinality(String),
    `object_id` String,
    `events` Int64,
    `views` Int64,
    `comments` Int64,
    `reactions` Int64,
    `shares` Int64
)
AS SELECT
    project,
    day,
    object_type,
    object_id,
    toInt64(count()) AS events,
    toInt64(countIf(type IN ('post_viewed', 'content_viewed', 'event_viewed'))) AS views,
    toInt64(countIf(type IN ('comment_added', 'comment_created', 'reply_added'))) AS comments,
    toInt64(countIf(type IN ('reaction_added', 'post_liked', 'comment_liked'))) AS reactions,
    toInt64(countIf(type IN ('post_shared', 'content_shared', 'event_shared'))) AS shares
FROM ibarura.events
WHERE active AND (object_id != '')
GROUP BY
    project,
    day,
    object_type,
    object_id;

-- ibarura.content_day_from_page_views
CREATE MATERIALIZED VIEW ibarura.content_day_from_page_views TO ibarura.content_day
(
    `project` LowCardinality(String),
    `day` Date,
    `object_type` LowCardinality(String),
    `object_id` String,
    `views` Int64
)
AS SELECT
    project,
    day,
    object_type,
    object_id,
    toInt64(count()) AS views
FROM ibarura.page_views
WHERE (NOT bot) AND (object_id != '')
GROUP BY
    project,
    day,
    object_type,
    object_id;

-- ibarura.counters_15m
CREATE TABLE ibarura.counters_15m
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `day` Date COMMENT 'Local day in the zone of the project',
    `slot` DateTime('UTC') COMMENT 'Start of the 15 minutes',
    `type` LowCardinality(String) COMMENT 'Event type; empty for page views',
    `role` LowCardinality(String) COMMENT 'Role that the person had when it happened',
    `events` SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    `page_views` SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of people',
    `bot_page_views` SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of robots'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, slot, type, role)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Counts by quarter of an hour: sums in any time zone';

-- ibarura.counters_15m_from_events
CREATE MATERIALIZED VIEW ibarura.counters_15m_from_events TO ibarura.counters_15m
(
    `project` LowCardinality(String),
    `day` Date,
    `slot` DateTime('UTC'),
    `type` LowCardinality(String),
    `role` LowCardinality(String),
    `events` Int64
)
AS SELECT
    project,
    day,
    toStartOfFifteenMinutes(occurred_at) AS slot,
    type,
    role,
    toInt64(count()) AS events
FROM ibarura.events
GROUP BY
    project,
    day,
    slot,
    type,
    role;

-- ibarura.counters_15m_from_page_views
CREATE MATERIALIZED VIEW ibarura.counters_15m_from_page_views TO ibarura.counters_15m
(
    `project` LowCardinality(String),
    `day` Date,
    `slot` DateTime('UTC'),
    `type` String,
    `role` LowCardinality(String),
    `page_views` Int64,
    `bot_page_views` Int64
)
AS SELECT
    project,
    day,
    toStartOfFifteenMinutes(occurred_at) AS slot,
    '' AS type,
    role,
    toInt64(countIf(NOT bot)) AS page_views,
    toInt64(countIf(bot)) AS bot_page_views
FROM ibarura.page_views
GROUP BY
    project,
    day,
    slot,
    role;

-- ibarura.derived_claims
CREATE TABLE ibarura.derived_claims
(
    `project` LowCardinality(String) COMMENT 'Project that is to be derived',
    `part` LowCardinality(String) COMMENT 'What is to be derived',
    `after` UInt64 COMMENT 'Run that is to be followed, 0 for none',
    `attempt` UInt32 COMMENT 'Counts the times that a claim lapsed',
    `holder` String COMMENT 'Process that does it',
    `at` DateTime('UTC') DEFAULT now('UTC') COMMENT 'When it was claimed'
)
ENGINE = MergeTree
ORDER BY (project, part, after, attempt)
TTL at + toIntervalDay(1)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Which process derives what: the first to insert a claim has it';

-- ibarura.derived_runs
CREATE TABLE ibarura.derived_runs
(
    `project` LowCardinality(String) COMMENT 'Project that was derived',
    `part` LowCardinality(String) COMMENT 'What was derived: gaps or cells',
    `run` UInt64 COMMENT 'Names the rows of the run; begins with its time, in milliseconds, above 20 random bits',
    `as_of` DateTime64(3, 'UTC') COMMENT 'When the run began to read; the latest one of a part is in force',
    `took_ms` UInt32 COMMENT 'How long it took, in milliseconds',
    `kept` Date COMMENT 'First month that user_month had',
    `roles` Array(String) COMMENT 'Roles that have rows of their own; of others it says nothing',
    `days` Array(Date) COMMENT 'Days that had landings, all of them ended when the run began',
    `marks` Array(UInt64) COMMENT 'What landed.begun was for each of these days'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (project, part)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Which run of each derived table is in force, and what it has seen';

-- ibarura.erasure_keys
CREATE TABLE ibarura.erasure_keys
(
    `id` String COMMENT 'The order',
    `target` LowCardinality(String) COMMENT 'Aggregate of counts',
    `key` String COMMENT 'Its sort key, as text, where nothing is left to count' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (id, target, key)
SETTINGS non_replicated_deduplication_window = 0, index_granularity = 8192
COMMENT 'Rows of aggregates in which an erased person was the only one; empty once they are gone';

-- ibarura.erasure_rows
CREATE TABLE ibarura.erasure_rows
(
    `id` String COMMENT 'The order',
    `target` LowCardinality(String) COMMENT 'Raw table',
    `day` Date COMMENT 'Local day of the row',
    `seq` UInt64 COMMENT 'Number of the row' CODEC(Delta(8), ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (id, target, seq)
SETTINGS non_replicated_deduplication_window = 0, index_granularity = 8192
COMMENT 'Rows that an erasure is about to remove, by their numbers; empty once it has';

-- ibarura.erasure_spools
CREATE TABLE ibarura.erasure_spools
(
    `id` String COMMENT 'The order',
    `spool` String COMMENT 'The spool that has done its part',
    `state` Enum8('drained' = 1, 'clean' = 2) COMMENT 'drained: what it had when it saw the order is loaded; clean: no file of it is left from before',
    `cut` UInt64 COMMENT 'Rows of this spool from this seq on came after the order, and stay',
    `position` UInt64 COMMENT 'Where in the spool that is',
    `aside` UInt32 COMMENT 'Copies of damaged places that lie in its folder, and may hold rows of the person',
    `at` DateTime64(3, 'UTC') COMMENT 'When it said so',
    `version` UInt64 COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (id, spool)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'What each spool has done for each erasure';

-- ibarura.erasures
CREATE TABLE ibarura.erasures
(
    `id` String COMMENT 'Names the order',
    `project` String COMMENT 'Project that the person is of',
    `persons` Array(UInt64) COMMENT 'Persons to erase, as in events: a user, and visitors that are the same',
    `subjects` Array(String) COMMENT 'What was asked for: user or anonymous, a space, and the SHA-256 of project, kind and id',
    `linked` Bool COMMENT 'The anonymous ids that were said to be the user go, too: those that are known once the spools are loaded',
    `blocked` Bool COMMENT 'Rows of the person that come later are refused',
    `state` Enum8('ordered' = 1, 'copied' = 2, 'purged' = 3, 'swept' = 4, 'finished' = 5) COMMENT 'copied: which rows is written down; purged: no query finds them; swept: no file of a table holds them; finished: nor does a spool',
    `round` UInt32 COMMENT 'Grows when the order is carried out again, for a spool that came back late',
    `ordered_at` DateTime64(3, 'UTC') COMMENT 'When it was ordered',
    `changed_at` DateTime64(3, 'UTC') COMMENT 'When it came into this state',
    `receipt` String COMMENT 'What was done so far, as JSON',
    `version` UInt64 COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Orders to erase persons, and how far each has come';

-- ibarura.events
CREATE TABLE ibarura.events
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `day` Date COMMENT 'Local day of occurred_at in the zone of the project',
    `type` LowCardinality(String) COMMENT 'Event type, for example post_created',
    `person` UInt64 COMMENT 'xxHash64 of u:user_id, else of a:anonymous_id; 0 is nobody',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened' CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') COMMENT 'When it reached us' CODEC(Delta(8), ZSTD(1)),
    `seq` UInt64 COMMENT 'Grows with every batch; rebuild and reconciliation count by it' CODEC(Delta(8), ZSTD(1)),
    `id` String COMMENT 'Producer\'s id of the event, or ours' CODEC(ZSTD(1)),
    `user_id` String COMMENT 'User, empty if not known' CODEC(ZSTD(1)),
    `anonymous_id` String COMMENT 'Anonymous visitor, empty if not given' CODEC(ZSTD(1)),
    `session_id` String COMMENT 'Session, empty if not given' CODEC(ZSTD(1)),
    `role` LowCardinality(String) COMMENT 'Role that the person had when it happened',
    `object_type` LowCardinality(String) COMMENT 'Kind of the object acted on',
    `object_id` String COMMENT 'Object acted on' CODEC(ZSTD(1)),
    `tags` Array(LowCardinality(String)) COMMENT 'Tags as sent; a repeated tag counts once',
    `properties` Map(LowCardinality(String), String) COMMENT 'Free-form data, values as text' CODEC(ZSTD(1)),
    `active` Bool COMMENT 'False for passive types, which make nobody active',
    INDEX person_bloom person TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX received_minmax received_at TYPE minmax GRANULARITY 16
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, type, person, occurred_at)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Raw events, one row each';

-- ibarura.fences
CREATE TABLE ibarura.fences
(
    `id` String COMMENT 'Names the order; of a claim, the same as claim',
    `claim` String COMMENT 'Names the run of the tool that gave it; begins the names of its tables',
    `purpose` LowCardinality(String) COMMENT 'What for: verify, rebuild, erase',
    `expires_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'When loaders may go on without being told, by the clock of ClickHouse',
    `state` SimpleAggregateFunction(max, UInt8) COMMENT '1 in force, 2 taken away by who gave it, 3 of a claim: lost, with all its orders'
)
ENGINE = AggregatingMergeTree
ORDER BY (id, claim, purpose)
TTL toDateTime(expires_at) + toIntervalDay(30)
SETTINGS index_granularity = 8192
COMMENT 'Orders to stand still, for repairs that must not be disturbed';

-- ibarura.gap_day
CREATE TABLE ibarura.gap_day
(
    `run` UInt64 COMMENT 'Run that made the row',
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `everyone` Bool COMMENT 'True: activity in any role, and role is empty',
    `role` LowCardinality(String) COMMENT 'Role that the activity was in, empty for none',
    `day` Date COMMENT 'Local day in the zone of the project',
    `gap` UInt16 COMMENT 'Days since the previous active day; 65535: there is none; 65534: there was one, before the days that are kept',
    `n` SimpleAggregateFunction(sum, UInt64) COMMENT 'Persons active on the day with that gap'
)
ENGINE = AggregatingMergeTree
PARTITION BY run
ORDER BY (project, everyone, role, day, gap)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Gap histogram: distinct people of any range [a, b) are those of its days whose day - gap < a';

-- ibarura.identities
CREATE TABLE ibarura.identities
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `anonymous_id` String COMMENT 'Anonymous visitor, or a former id, that is the user',
    `user_id` String COMMENT 'User',
    `person` SimpleAggregateFunction(max, UInt64) COMMENT 'Person of the user, as in events',
    `first_linked` SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'When it was first said that they are one',
    `last_linked` SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'When it was last said'
)
ENGINE = AggregatingMergeTree
ORDER BY (project, anonymous_id, user_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Which anonymous ids were said to be which users; their histories are not joined';

-- ibarura.identities_from_events
CREATE MATERIALIZED VIEW ibarura.identities_from_events TO ibarura.identities
(
    `project` LowCardinality(String),
    `anonymous_id` String,
    `user_id` String,
    `person` UInt64,
    `first_linked` DateTime64(3, 'UTC'),
    `last_linked` DateTime64(3, 'UTC')
)
AS SELECT
    project,
    anonymous_id,
    user_id,
    max(e.person) AS person,
    min(occurred_at) AS first_linked,
    max(occurred_at) AS last_linked
FROM ibarura.events AS e
WHERE (type IN ('identify', 'alias')) AND (user_id != '') AND (anonymous_id != '')
GROUP BY
    project,
    anonymous_id,
    user_id;

-- ibarura.job_runs
CREATE TABLE ibarura.job_runs
(
    `job` LowCardinality(String) COMMENT 'Name of the job',
    `due_at` DateTime64(3, 'UTC') COMMENT 'Moment of the schedule that it is for; 1970 for the first run of all, the moment of asking for a run by hand',
    `attempt` UInt16 COMMENT 'From 1; the next one follows a run that failed or was lost',
    `instance` String COMMENT 'The process that has it',
    `host` String COMMENT 'Host of that process',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When it began, by the clock of ClickHouse, as all moments here',
    `seen_at` DateTime64(3, 'UTC') COMMENT 'When it was last heard of; a run that is silent for a minute is lost',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'When it ended; 1970 while it runs',
    `outcome` Enum8('running' = 1, 'done' = 2, 'failed' = 3, 'lost' = 4, 'yielded' = 5) COMMENT 'lost: its process died; yielded: another one was already at it',
    `error` String COMMENT 'Why it failed; names nobody',
    `version` UInt64 COMMENT 'The highest version of a run is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (job, due_at, attempt)
TTL toDateTime(started_at) + toIntervalDay(400)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Runs of scheduled jobs';

-- ibarura.landed
CREATE TABLE ibarura.landed
(
    `project` LowCardinality(String) COMMENT 'Project whose rows landed',
    `day` Date COMMENT 'Local day in the zone of the project',
    `begun` SimpleAggregateFunction(sum, UInt64) COMMENT 'Sum of the marks of the landings that have begun, modulo 2^64',
    `ended` SimpleAggregateFunction(sum, UInt64) COMMENT 'Sum of the marks of those whose rows can all be queried; equal to begun when nothing is under way',
    `at` SimpleAggregateFunction(max, DateTime64(3, 'UTC')) DEFAULT now64(3, 'UTC') COMMENT 'When a landing last began or ended, by the clock of the server'
)
ENGINE = AggregatingMergeTree
ORDER BY (project, day)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Watermarks: what has landed on each local day';

-- ibarura.link_keys
CREATE TABLE ibarura.link_keys
(
    `name` String COMMENT 'What the key is for',
    `key` FixedString(32) COMMENT 'Random; whoever has it can make links that are taken for ours',
    `created_at` DateTime64(3, 'UTC') COMMENT 'When it was made'
)
ENGINE = MergeTree
ORDER BY name
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Keys that links in e-mails are signed with';

-- ibarura.loaders
CREATE TABLE ibarura.loaders
(
    `id` String COMMENT 'The spool that it loads from',
    `host` String COMMENT 'Host that it runs on',
    `state` Enum8('loading' = 1, 'fenced' = 2, 'stopped' = 3, 'forgotten' = 4) COMMENT 'fenced and stopped: nothing is under way; forgotten: an operator says that it is gone for ever',
    `fence` String COMMENT 'The order that it stands at, if it is fenced',
    `seen_at` DateTime64(3, 'UTC') COMMENT 'When it said so, by the clock of ClickHouse',
    `version` UInt64 COMMENT 'Grows with every row of a loader; the highest is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS index_granularity = 8192
COMMENT 'Who loads, and whether something is under way';

-- ibarura.metrics_daily
CREATE TABLE ibarura.metrics_daily
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `day` Date COMMENT 'Local day in the zone of the project',
    `type` LowCardinality(String) COMMENT 'Event type; empty for page views',
    `role` LowCardinality(String) COMMENT 'Role that the person had when it happened',
    `events` SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    `page_views` SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of people',
    `bot_page_views` SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of robots'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, type, role)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Counts by local day';

-- ibarura.metrics_daily_from_events
CREATE MATERIALIZED VIEW ibarura.metrics_daily_from_events TO ibarura.metrics_daily
(
    `project` LowCardinality(String),
    `day` Date,
    `type` LowCardinality(String),
    `role` LowCardinality(String),
    `events` Int64
)
AS SELECT
    project,
    day,
    type,
    role,
    toInt64(count()) AS events
FROM ibarura.events
GROUP BY
    project,
    day,
    type,
    role;

-- ibarura.metrics_daily_from_page_views
CREATE MATERIALIZED VIEW ibarura.metrics_daily_from_page_views TO ibarura.metrics_daily
(
    `project` LowCardinality(String),
    `day` Date,
    `type` String,
    `role` LowCardinality(String),
    `page_views` Int64,
    `bot_page_views` Int64
)
AS SELECT
    project,
    day,
    '' AS type,
    role,
    toInt64(countIf(NOT bot)) AS page_views,
    toInt64(countIf(bot)) AS bot_page_views
FROM ibarura.page_views
GROUP BY
    project,
    day,
    role;

-- ibarura.metrics_monthly
CREATE TABLE ibarura.metrics_monthly
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `month` Date COMMENT 'First day of the local month',
    `type` LowCardinality(String) COMMENT 'Event type; empty for page views',
    `role` LowCardinality(String) COMMENT 'Role that the person had when it happened',
    `events` SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    `page_views` SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of people',
    `bot_page_views` SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of robots'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYear(month)
ORDER BY (project, month, type, role)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Counts by local month, from metrics_daily';

-- ibarura.metrics_monthly_from_daily
CREATE MATERIALIZED VIEW ibarura.metrics_monthly_from_daily TO ibarura.metrics_monthly
(
    `project` LowCardinality(String),
    `month` Date,
    `type` LowCardinality(String),
    `role` LowCardinality(String),
    `events` Int64,
    `page_views` Int64,
    `bot_page_views` Int64
)
AS SELECT
    project,
    toStartOfMonth(day) AS month,
    type,
    role,
    sum(events) AS events,
    sum(page_views) AS page_views,
    sum(bot_page_views) AS bot_page_views
FROM ibarura.metrics_daily
GROUP BY
    project,
    month,
    type,
    role;

-- ibarura.metrics_weekly
CREATE TABLE ibarura.metrics_weekly
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `week` Date COMMENT 'Monday of the local ISO week',
    `type` LowCardinality(String) COMMENT 'Event type; empty for page views',
    `role` LowCardinality(String) COMMENT 'Role that the person had when it happened',
    `events` SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    `page_views` SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of people',
    `bot_page_views` SimpleAggregateFunction(sum, Int64) COMMENT 'Page views of robots'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYear(week)
ORDER BY (project, week, type, role)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Counts by local ISO week, from metrics_daily';

-- ibarura.metrics_weekly_from_daily
CREATE MATERIALIZED VIEW ibarura.metrics_weekly_from_daily TO ibarura.metrics_weekly
(
    `project` LowCardinality(String),
    `week` Date,
    `type` LowCardinality(String),
    `role` LowCardinality(String),
    `events` Int64,
    `page_views` Int64,
    `bot_page_views` Int64
)
AS SELECT
    project,
    toMonday(day) AS week,
    type,
    role,
    sum(events) AS events,
    sum(page_views) AS page_views,
    sum(bot_page_views) AS bot_page_views
FROM ibarura.metrics_daily
GROUP BY
    project,
    week,
    type,
    role;

-- ibarura.object_person
CREATE TABLE ibarura.object_person
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `month` Date COMMENT 'First day of the local month',
    `object_type` LowCardinality(String) COMMENT 'Kind of the object',
    `object_id` String COMMENT 'Object' CODEC(ZSTD(1)),
    `person` UInt64 COMMENT 'Person, as in events',
    `events` SimpleAggregateFunction(sum, Int64) COMMENT 'Active events of the person on the object in the month'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(month)
ORDER BY (project, month, object_type, object_id, person)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Who acted on what, by local month: exact people on content';

-- ibarura.object_person_from_events
CREATE MATERIALIZED VIEW ibarura.object_person_from_events TO ibarura.object_person
(
    `project` LowCardinality(String),
    `month` Date,
    `object_type` LowCardinality(String),
    `object_id` String,
    `person` UInt64,
    `events` Int64
)
AS SELECT
    project,
    toStartOfMonth(day) AS month,
    object_type,
    object_id,
    person,
    toInt64(count()) AS events
FROM ibarura.events
WHERE active AND (person != 0) AND (object_id != '')
GROUP BY
    project,
    month,
    object_type,
    object_id,
    person;

-- ibarura.page_views
CREATE TABLE ibarura.page_views
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `day` Date COMMENT 'Local day of occurred_at in the zone of the project',
    `path` String COMMENT 'Path of the page, without query and fragment' CODEC(ZSTD(1)),
    `person` UInt64 COMMENT 'xxHash64 of u:user_id, else of a:anonymous_id; 0 is nobody',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened' CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') COMMENT 'When it reached us' CODEC(Delta(8), ZSTD(1)),
    `seq` UInt64 COMMENT 'Grows with every batch; rebuild and reconciliation count by it' CODEC(Delta(8), ZSTD(1)),
    `id` String COMMENT 'Producer\'s id of the page view, or ours' CODEC(ZSTD(1)),
    `user_id` String COMMENT 'User, empty if not known' CODEC(ZSTD(1)),
    `anonymous_id` String COMMENT 'Anonymous visitor, empty if not given' CODEC(ZSTD(1)),
    `session_id` String COMMENT 'Session, empty if not given' CODEC(ZSTD(1)),
    `role` LowCardinality(String) COMMENT 'Role that the person had when it happened',
    `object_type` LowCardinality(String) COMMENT 'Kind of the object the page shows',
    `object_id` String COMMENT 'Object the page shows' CODEC(ZSTD(1)),
    `url` String COMMENT 'Address as sent' CODEC(ZSTD(1)),
    `host` LowCardinality(String) COMMENT 'Host of the address, lower case',
    `title` String COMMENT 'Title of the page' CODEC(ZSTD(1)),
    `referrer` String COMMENT 'Referring address as sent' CODEC(ZSTD(1)),
    `source` LowCardinality(String) COMMENT 'Referring site, known names folded; empty if direct or internal',
    `utm_source` LowCardinality(String) COMMENT 'utm_source of the address',
    `utm_medium` LowCardinality(String) COMMENT 'utm_medium of the address',
    `utm_campaign` LowCardinality(String) COMMENT 'utm_campaign of the address',
    `utm_term` LowCardinality(String) COMMENT 'utm_term of the address',
    `utm_content` LowCardinality(String) COMMENT 'utm_content of the address',
    `duration_ms` UInt32 COMMENT 'Time on the page in milliseconds, 0 if not told',
    `device` LowCardinality(String) COMMENT 'desktop, mobile, tablet, bot or other',
    `browser` LowCardinality(String) COMMENT 'Browser family',
    `os` LowCardinality(String) COMMENT 'Operating system family',
    `country` LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2, empty if not known',
    `bot` Bool COMMENT 'A robot by its user agent; stored, counted apart',
    `properties` Map(LowCardinality(String), String) COMMENT 'Free-form data, values as text' CODEC(ZSTD(1)),
    INDEX person_bloom person TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX received_minmax received_at TYPE minmax GRANULARITY 16
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, path, person, occurred_at)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Raw page views, one row each';

-- ibarura.persons
CREATE TABLE ibarura.persons
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `person` UInt64 COMMENT 'Person, as in events',
    `user_id` SimpleAggregateFunction(max, String) COMMENT 'User id, empty for an anonymous visitor',
    `anonymous_id` SimpleAggregateFunction(max, String) COMMENT 'Anonymous id of a person without user id',
    `first_seen` SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Earliest active event',
    `last_seen` SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Latest active event'
)
ENGINE = AggregatingMergeTree
ORDER BY (project, person)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'First and last sight of each person; a backfill corrects it';

-- ibarura.persons_from_events
CREATE MATERIALIZED VIEW ibarura.persons_from_events TO ibarura.persons
(
    `project` LowCardinality(String),
    `person` UInt64,
    `user_id` String,
    `anonymous_id` String,
    `first_seen` DateTime64(3, 'UTC'),
    `last_seen` DateTime64(3, 'UTC')
)
AS SELECT
    project,
    person,
    max(user_id) AS user_id,
    max(if(e.user_id = '', e.anonymous_id, '')) AS anonymous_id,
    min(occurred_at) AS first_seen,
    max(occurred_at) AS last_seen
FROM ibarura.events AS e
WHERE active AND (person != 0)
GROUP BY
    project,
    person;

-- ibarura.projects
CREATE TABLE ibarura.projects
(
    `project` String COMMENT 'Name of the project',
    `timezone` String COMMENT 'IANA zone in which its local days are cut; if it has changed, ZONE;OLD<DATE: the old one before that date, the latest change first',
    `created_at` DateTime64(3, 'UTC') COMMENT 'When it was created',
    `deleted` UInt8 COMMENT '1 once it is deleted',
    `origins` Array(String) COMMENT 'Origins of pages in browsers that may post with a key of the project',
    `version` UInt64 COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY project
SETTINGS index_granularity = 8192
COMMENT 'Projects: each sees its own rows alone';

-- ibarura.quarantine
CREATE TABLE ibarura.quarantine
(
    `id` String COMMENT 'Names the row: its table and its seq',
    `state` Enum8('held' = 1, 'released' = 2, 'discarded' = 3) COMMENT 'held until somebody decides; released: it is in its table now',
    `at` DateTime64(3, 'UTC') COMMENT 'When it was refused, or decided',
    `target` LowCardinality(String) COMMENT 'Table that refused it',
    `seq` UInt64 COMMENT 'Its seq, the same as it will have in its table',
    `month` Date COMMENT 'First day of the month of its local day',
    `code` Int32 COMMENT 'ClickHouse\'s number of the error, 0 if it is not known',
    `error` String COMMENT 'What ClickHouse said' CODEC(ZSTD(1)),
    `row` String COMMENT 'The row as a JSON object' CODEC(ZSTD(1)),
    `chunk` String COMMENT 'The row as the spool held it, for another try; Base64' CODEC(ZSTD(1)),
    `version` UInt64 COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Refused rows, with the error, until somebody decides';

-- ibarura.report_deliveries
CREATE TABLE ibarura.report_deliveries
(
    `project` String COMMENT 'Project',
    `period` LowCardinality(String) COMMENT 'day, week or month',
    `day_from` Date COMMENT 'First day that the report is about',
    `recipient` String COMMENT 'The id in report_recipients, never the address',
    `attempt` UInt16 COMMENT 'From 1. The first row of an attempt has a token of what names it, so that one process has it',
    `state` Enum8('claimed' = 1, 'sent' = 2, 'deferred' = 3, 'refused' = 4, 'unsure' = 5) COMMENT 'claimed: about to be sent, or its process died; sent: the mail server took it; deferred, refused: it certainly did not; unsure: nobody knows, and it is not sent again by itself',
    `instance` String COMMENT 'The process that has it',
    `claimed_at` DateTime64(3, 'UTC') COMMENT 'When the attempt began, by the clock of ClickHouse',
    `changed_at` DateTime64(3, 'UTC') COMMENT 'When it came into this state',
    `error` String COMMENT 'What the mail server said, as codes; names nobody',
    `version` UInt64 COMMENT 'The highest version of an attempt is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project, period, day_from, recipient, attempt)
TTL toDateTime(claimed_at) + toIntervalDay(800)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'What became of each report to each recipient';

-- ibarura.report_recipients
CREATE TABLE ibarura.report_recipients
(
    `project` String COMMENT 'Project',
    `id` String COMMENT 'Names the recipient where the address is not to be: 32 hexadecimal digits',
    `period` LowCardinality(String) COMMENT 'day, week or month',
    `address` String COMMENT 'E-mail address; empty once it is taken off the list',
    `added_at` DateTime64(3, 'UTC') COMMENT 'Reports that were due before are not sent',
    `removed_at` DateTime64(3, 'UTC') COMMENT 'When it was taken off the list; 1970: it is on it',
    `version` UInt64 COMMENT 'The highest version is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project, id)
SETTINGS index_granularity = 8192
COMMENT 'Who gets reports';

-- ibarura.report_schedules
CREATE TABLE ibarura.report_schedules
(
    `project` String COMMENT 'Project',
    `period` LowCardinality(String) COMMENT 'day, week or month: what a report is about',
    `schedule` String COMMENT 'When it is sent: a cron expression in the zone of the project',
    `language` LowCardinality(String) COMMENT 'en, fr or rw',
    `version` UInt64 COMMENT 'The highest version is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project, period)
SETTINGS index_granularity = 8192
COMMENT 'When reports of projects are sent; a project without a row has the defaults';

-- ibarura.retention
CREATE TABLE ibarura.retention
(
    `project` String COMMENT 'Project',
    `raw_days` UInt32 COMMENT 'Days that events, page views and refused rows are kept at least; 0: for ever',
    `people_days` UInt32 COMMENT 'Days that user_day, user_month, object_person and sessions are kept at least; 0: for ever',
    `counters_days` UInt32 COMMENT 'Days that counts are kept at least; 0: for ever',
    `raw_from` Date COMMENT 'From this day on raw rows are whole; nothing can be made anew of days before',
    `people_from` Date COMMENT 'From this day on people can be counted',
    `counters_from` Date COMMENT 'From this day on there are counts',
    `version` UInt64 COMMENT 'The highest version is in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY project
SETTINGS index_granularity = 8192
COMMENT 'How long rows of projects are kept, and what is left';

-- ibarura.retention_cells
CREATE TABLE ibarura.retention_cells
(
    `run` UInt64 COMMENT 'Run that made the row',
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `interval` LowCardinality(String) COMMENT 'day, week or month',
    `everyone` Bool COMMENT 'True: activity in any role, and role is empty',
    `role` LowCardinality(String) COMMENT 'Role that the activity was in, empty for none',
    `cohort` Date COMMENT 'First day of the period in which the persons were first seen, in any role',
    `period` UInt16 COMMENT 'Periods after the cohort\'s own; the last one stands for all later ones too, but in active',
    `active` SimpleAggregateFunction(sum, UInt64) COMMENT 'Persons active in that period',
    `latest` SimpleAggregateFunction(sum, UInt64) COMMENT 'Persons whose latest active period it is: their sum from N on are those of on_or_after',
    `unbroken` SimpleAggregateFunction(sum, UInt64) COMMENT 'Persons who were active in each period up to it, and not in the next: their sum from N on are those of streak'
)
ENGINE = AggregatingMergeTree
PARTITION BY run
ORDER BY (project, interval, everyone, role, cohort, period)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Retention by cohort and period, for each of its kinds';

-- ibarura.sessions
CREATE TABLE ibarura.sessions
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `day` Date COMMENT 'Local day in the zone of the project',
    `session_id` String COMMENT 'Session as sent by the producer' CODEC(ZSTD(1)),
    `person` UInt64 COMMENT 'Person, as in events; 0 is nobody',
    `started_at` SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'First event or page view',
    `ended_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Last event or page view',
    `events` SimpleAggregateFunction(sum, Int64) COMMENT 'Active events',
    `page_views` SimpleAggregateFunction(sum, Int64) COMMENT 'Page views, those of robots included',
    `entry` SimpleAggregateFunction(min, Tuple(
        DateTime64(3, 'UTC'),
        String)) COMMENT 'Time and path of the first page',
    `exit` SimpleAggregateFunction(max, Tuple(
        DateTime64(3, 'UTC'),
        String)) COMMENT 'Time and path of the last page',
    `source` SimpleAggregateFunction(min, Tuple(
        DateTime64(3, 'UTC'),
        String)) COMMENT 'Time and referring site of the first page',
    `device` SimpleAggregateFunction(max, String) COMMENT 'Kind of device',
    `browser` SimpleAggregateFunction(max, String) COMMENT 'Browser family',
    `country` SimpleAggregateFunction(max, String) COMMENT 'ISO 3166-1 alpha-2, empty if not known',
    `bot` SimpleAggregateFunction(max, UInt8) COMMENT '1 if a page of it was seen by a robot'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, session_id, person)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Sessions by session_id, local day and person';

-- ibarura.sessions_from_events
CREATE MATERIALIZED VIEW ibarura.sessions_from_events TO ibarura.sessions
(
    `project` LowCardinality(String),
    `day` Date,
    `session_id` String,
    `person` UInt64,
    `started_at` DateTime64(3, 'UTC'),
    `ended_at` DateTime64(3, 'UTC'),
    `events` Int64,
    `entry` Tuple(
        DateTime64(3, 'UTC'),
        String),
    `exit` Tuple(
        DateTime64(3, 'UTC'),
        String),
    `source` Tuple(
        DateTime64(3, 'UTC'),
        String)
)
AS SELECT
    project,
    day,
    session_id,
    person,
    min(occurred_at) AS started_at,
    max(occurred_at) AS ended_at,
    toInt64(count()) AS events,
    (toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), '') AS entry,
    (toDateTime64('1900-01-01 00:00:00', 3, 'UTC'), '') AS exit,
    (toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), '') AS source
FROM ibarura.events
WHERE active AND (session_id != '')
GROUP BY
    project,
    day,
    session_id,
    person;

-- ibarura.sessions_from_page_views
CREATE MATERIALIZED VIEW ibarura.sessions_from_page_views TO ibarura.sessions
(
    `project` LowCardinality(String),
    `day` Date,
    `session_id` String,
    `person` UInt64,
    `started_at` DateTime64(3, 'UTC'),
    `ended_at` DateTime64(3, 'UTC'),
    `page_views` Int64,
    `entry` Tuple(
        DateTime64(3, 'UTC'),
        String),
    `exit` Tuple(
        DateTime64(3, 'UTC'),
        String),
    `source` Tuple(
        DateTime64(3, 'UTC'),
        String),
    `device` String,
    `browser` String,
    `country` String,
    `bot` UInt8
)
AS SELECT
    project,
    day,
    session_id,
    person,
    min(v.occurred_at) AS started_at,
    max(v.occurred_at) AS ended_at,
    toInt64(count()) AS page_views,
    min((v.occurred_at, v.path)) AS entry,
    max((v.occurred_at, v.path)) AS exit,
    min((v.occurred_at, toString(v.source))) AS source,
    max(toString(v.device)) AS device,
    max(toString(v.browser)) AS browser,
    max(toString(v.country)) AS country,
    max(toUInt8(v.bot)) AS bot
FROM ibarura.page_views AS v
WHERE session_id != ''
GROUP BY
    project,
    day,
    session_id,
    person;

-- ibarura.tag_day
CREATE TABLE ibarura.tag_day
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `day` Date COMMENT 'Local day in the zone of the project',
    `tag` LowCardinality(String) COMMENT 'Tag',
    `events` SimpleAggregateFunction(sum, Int64) COMMENT 'Active events that carry the tag, each once',
    `views` SimpleAggregateFunction(sum, Int64) COMMENT 'View events among them',
    `comments` SimpleAggregateFunction(sum, Int64) COMMENT 'Comment events among them',
    `reactions` SimpleAggregateFunction(sum, Int64) COMMENT 'Reaction events among them',
    `shares` SimpleAggregateFunction(sum, Int64) COMMENT 'Share events among them'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, tag)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Counts by tag and local day';

-- ibarura.tag_day_from_events
CREATE MATERIALIZED VIEW ibarura.tag_day_from_events TO ibarura.tag_day
(
    `project` LowCardinality(String),
    `day` Date,
    `tag` String,
    `events` Int64,
    `views` Int64,
    `comments` Int64,
    `reactions` Int64,
    `shares` Int64
)
AS SELECT
    project,
    day,
    arrayJoin(arrayDistinct(tags)) AS tag,
    toInt64(count()) AS events,
    toInt64(countIf(type IN ('post_viewed', 'content_viewed', 'event_viewed'))) AS views,
    toInt64(countIf(type IN ('comment_added', 'comment_created', 'reply_added'))) AS comments,
    toInt64(countIf(type IN ('reaction_added', 'post_liked', 'comment_liked'))) AS reactions,
    toInt64(countIf(type IN ('post_shared', 'content_shared', 'event_shared'))) AS shares
FROM ibarura.events
WHERE active
GROUP BY
    project,
    day,
    tag;

-- ibarura.tag_person
CREATE TABLE ibarura.tag_person
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `person` UInt64 COMMENT 'Person, as in events',
    `month` Date COMMENT 'First day of the local month',
    `tag` LowCardinality(String) COMMENT 'Tag of an active event of the person in the month'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(month)
ORDER BY (project, person, month, tag)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Who used which tag, by local month: exact people on tags';

-- ibarura.tag_person_from_events
CREATE MATERIALIZED VIEW ibarura.tag_person_from_events TO ibarura.tag_person
(
    `project` LowCardinality(String),
    `person` UInt64,
    `month` Date,
    `tag` LowCardinality(String)
)
AS SELECT
    project,
    person,
    toStartOfMonth(day) AS month,
    arrayJoin(tags) AS tag
FROM ibarura.events
WHERE active AND (person != 0) AND notEmpty(tags)
GROUP BY
    project,
    person,
    month,
    tag;

-- ibarura.traits
CREATE TABLE ibarura.traits
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `kind` LowCardinality(String) COMMENT 'user, anonymous or group',
    `object_type` LowCardinality(String) COMMENT 'Kind of the group, empty for people',
    `id` String COMMENT 'User id, anonymous id of who has no user id, or id of the group',
    `key` LowCardinality(String) COMMENT 'Name of the trait',
    `person` SimpleAggregateFunction(max, UInt64) COMMENT 'Person that has the trait, as in events; 0 for a group',
    `first` SimpleAggregateFunction(min, Tuple(
        at DateTime64(3, 'UTC'),
        seq UInt64,
        value String)) COMMENT 'Earliest value, and when it was said',
    `latest` SimpleAggregateFunction(max, Tuple(
        at DateTime64(3, 'UTC'),
        seq UInt64,
        value String)) COMMENT 'Latest value, and when it was said'
)
ENGINE = AggregatingMergeTree
ORDER BY (project, kind, object_type, id, key)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'What is known of users, visitors and groups: first and latest value of each trait';

-- ibarura.traits_from_events
CREATE MATERIALIZED VIEW ibarura.traits_from_events TO ibarura.traits
(
    `project` LowCardinality(String),
    `kind` String,
    `object_type` String,
    `id` String,
    `key` String,
    `person` UInt64,
    `first` Tuple(
        DateTime64(3, 'UTC'),
        UInt64,
        String),
    `latest` Tuple(
        DateTime64(3, 'UTC'),
        UInt64,
        String)
)
AS SELECT
    e.project AS project,
    multiIf(e.type = 'group', 'group', e.user_id != '', 'user', 'anonymous') AS kind,
    if(e.type = 'group', e.object_type, '') AS object_type,
    multiIf(e.type = 'group', e.object_id, e.user_id != '', e.user_id, e.anonymous_id) AS id,
    trait.1 AS key,
    max(if(e.type = 'group', 0, e.person)) AS person,
    min((e.occurred_at, e.seq, trait.2)) AS first,
    max((e.occurred_at, e.seq, trait.2)) AS latest
FROM ibarura.events AS e
ARRAY JOIN CAST(e.properties, 'Array(Tuple(String, String))') AS trait
WHERE (e.type IN ('identify', 'group')) AND (id != '')
GROUP BY
    project,
    kind,
    object_type,
    id,
    key;

-- ibarura.user_day
CREATE TABLE ibarura.user_day
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `person` UInt64 COMMENT 'Person, as in events',
    `day` Date COMMENT 'Local day in the zone of the project' CODEC(Delta(2), ZSTD(1)),
    `role` LowCardinality(String) COMMENT 'Role that the person had when it happened',
    `events` SimpleAggregateFunction(sum, Int64) COMMENT 'Active events of the person on that day in that role'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project, person, day, role)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Active person-days: distinct people of any range of local days';

-- ibarura.user_day_from_events
CREATE MATERIALIZED VIEW ibarura.user_day_from_events TO ibarura.user_day
(
    `project` LowCardinality(String),
    `person` UInt64,
    `day` Date,
    `role` LowCardinality(String),
    `events` Int64
)
AS SELECT
    project,
    person,
    day,
    role,
    toInt64(count()) AS events
FROM ibarura.events
WHERE active AND (person != 0)
GROUP BY
    project,
    person,
    day,
    role;

-- ibarura.user_month
CREATE TABLE ibarura.user_month
(
    `project` LowCardinality(String) COMMENT 'Project that owns the row',
    `person` UInt64 COMMENT 'Person, as in events',
    `month` Date COMMENT 'First day of the local month',
    `role` LowCardinality(String) COMMENT 'Role that the person had when it happened',
    `days` SimpleAggregateFunction(groupBitOr, UInt32) COMMENT 'Bit n-1 is set if the person was active on the n-th of the month'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(month)
ORDER BY (project, person, month, role)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Active days of each person by month, as a bit mask';

-- ibarura.user_month_from_user_day
CREATE MATERIALIZED VIEW ibarura.user_month_from_user_day TO ibarura.user_month
(
    `project` LowCardinality(String),
    `person` UInt64,
    `month` Date,
    `role` LowCardinality(String),
    `days` Int32
)
AS SELECT
    project,
    person,
    toStartOfMonth(day) AS month,
    role,
    groupBitOr(bitShiftLeft(toUInt32(1), toDayOfMonth(day) - 1)) AS days
FROM ibarura.user_day
GROUP BY
    project,
    person,
    month,
    role;

-- ibarura.verifications
CREATE TABLE ibarura.verifications
(
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the run began, by the clock of ClickHouse',
    `host` String COMMENT 'Host that ran it',
    `outcome` Enum8('running' = 1, 'equal' = 2, 'drift' = 3, 'failed' = 4) COMMENT 'A run has a row at its begin and one at its end; failed: it could not be told',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'When it ended; when it began, in the first row',
    `differing` Map(LowCardinality(String), UInt64) COMMENT 'Rows that only raw or only the aggregate has, by aggregate'
)
ENGINE = MergeTree
ORDER BY started_at
TTL toDateTime(started_at) + toIntervalDay(400)
SETTINGS index_granularity = 8192
COMMENT 'Scheduled comparisons of the aggregates with raw';

-- ibarura.view_links
CREATE TABLE ibarura.view_links
(
    `id` String COMMENT 'Public name of the link, for listing and revoking',
    `project` String COMMENT 'Project that it shows',
    `name` String COMMENT 'What its maker calls it; whoever has the link sees it',
    `view` String COMMENT 'What it shows: a page of the dashboard, ? and its parameters',
    `made_by` String COMMENT 'Id of the key that made it',
    `created_at` DateTime64(3, 'UTC') COMMENT 'When it was made',
    `expires_at` DateTime64(3, 'UTC') COMMENT 'From when on it shows nothing, in whole seconds',
    `revoked_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was revoked, null while it is good',
    `version` UInt64 COMMENT 'The highest version is the state in force'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
TTL toDateTime(expires_at) + toIntervalDay(400)
SETTINGS index_granularity = 8192
COMMENT 'Links to views of the dashboard';

-- ibarura.visitor_salts
CREATE TABLE ibarura.visitor_salts
(
    `zone` LowCardinality(String) COMMENT 'IANA zone whose local day it is',
    `day` Date COMMENT 'Local day that the salt is for',
    `salt` FixedString(32) COMMENT 'Random; whoever has it can tell whether an address visited on that day',
    `expires_at` DateTime64(3, 'UTC') COMMENT 'End of the day: then the row is dropped'
)
ENGINE = MergeTree
PARTITION BY expires_at
ORDER BY (zone, day)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 1, index_granularity = 8192
COMMENT 'Salts of the days that are not over, for hashing visitors';

-- bi.active_users_daily
CREATE VIEW bi.active_users_daily
(
    `project` String COMMENT 'Project',
    `day` Date COMMENT 'Local day in the zone of the project',
    `active_users` UInt64 COMMENT 'Distinct active persons of the day; do not add days up'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Daily active users, exact'
AS SELECT
    toString(u.project) AS project,
    u.day AS day,
    uniqExact(u.person) AS active_users
FROM ibarura.user_day AS u
GROUP BY
    u.project,
    u.day;

-- bi.content_daily
CREATE VIEW bi.content_daily
(
    `project` String COMMENT 'Project',
    `day` Date COMMENT 'Local day in the zone of the project',
    `object_type` String COMMENT 'Kind of the object',
    `object_id` String COMMENT 'Object',
    `events` Int64 COMMENT 'Active events on the object',
    `views` Int64 COMMENT 'Views',
    `comments` Int64 COMMENT 'Comments',
    `reactions` Int64 COMMENT 'Reactions',
    `shares` Int64 COMMENT 'Shares'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Counts by object and local day'
AS SELECT
    toString(c.project) AS project,
    c.day AS day,
    toString(c.object_type) AS object_type,
    c.object_id AS object_id,
    sum(c.events) AS events,
    sum(c.views) AS views,
    sum(c.comments) AS comments,
    sum(c.reactions) AS reactions,
    sum(c.shares) AS shares
FROM ibarura.content_day AS c
GROUP BY
    c.project,
    c.day,
    c.object_type,
    c.object_id
HAVING (events != 0) OR (views != 0);

-- bi.events
CREATE VIEW bi.events
(
    `project` String COMMENT 'Project',
    `day` Date COMMENT 'Local day in the zone of the project',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, UTC',
    `received_at` DateTime64(3, 'UTC') COMMENT 'When it reached us, UTC',
    `id` String COMMENT 'Id of the event',
    `type` String COMMENT 'Event type',
    `active` UInt8 COMMENT '0 for passive types, which make nobody active',
    `person` UInt64 COMMENT 'Person; 0 is nobody',
    `user_id` String COMMENT 'User, empty if not known',
    `anonymous_id` String COMMENT 'Anonymous visitor, empty if not given',
    `session_id` String COMMENT 'Session, empty if not given',
    `role` String COMMENT 'Role at that moment',
    `object_type` String COMMENT 'Kind of the object acted on',
    `object_id` String COMMENT 'Object acted on',
    `tags` String COMMENT 'Tags, separated by commas',
    `channel` String COMMENT 'Property channel: of a notification or message',
    `campaign` String COMMENT 'Property campaign',
    `properties` String COMMENT 'All properties as a JSON object'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Raw events, one row each'
AS SELECT
    toString(project) AS project,
    day,
    occurred_at,
    received_at,
    id,
    toString(type) AS type,
    toUInt8(active) AS active,
    person,
    user_id,
    anonymous_id,
    session_id,
    toString(role) AS role,
    toString(object_type) AS object_type,
    object_id,
    arrayStringConcat(tags, ',') AS tags,
    e.properties['channel'] AS channel,
    e.properties['campaign'] AS campaign,
    toJSONString(e.properties) AS properties
FROM ibarura.events AS e;

-- bi.identities
CREATE VIEW bi.identities
(
    `project` String COMMENT 'Project',
    `anonymous_id` String COMMENT 'Anonymous visitor, or a former id',
    `user_id` String COMMENT 'The user that it is',
    `person` UInt64 COMMENT 'Person of the user',
    `first_linked` DateTime64(3, 'UTC') COMMENT 'When it was first said that they are one, UTC',
    `last_linked` DateTime64(3, 'UTC') COMMENT 'When it was last said, UTC'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Which anonymous ids were said to be which users'
AS SELECT
    toString(i.project) AS project,
    i.anonymous_id AS anonymous_id,
    i.user_id AS user_id,
    max(i.person) AS person,
    min(i.first_linked) AS first_linked,
    max(i.last_linked) AS last_linked
FROM ibarura.identities AS i
GROUP BY
    i.project,
    i.anonymous_id,
    i.user_id;

-- bi.metrics_daily
CREATE VIEW bi.metrics_daily
(
    `project` String COMMENT 'Project',
    `day` Date COMMENT 'Local day in the zone of the project',
    `type` String COMMENT 'Event type; empty for page views',
    `role` String COMMENT 'Role at that moment',
    `events` Int64 COMMENT 'Events',
    `page_views` Int64 COMMENT 'Page views of people',
    `bot_page_views` Int64 COMMENT 'Page views of robots'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Events and page views by local day, type and role'
AS SELECT
    toString(m.project) AS project,
    m.day AS day,
    toString(m.type) AS type,
    toString(m.role) AS role,
    sum(m.events) AS events,
    sum(m.page_views) AS page_views,
    sum(m.bot_page_views) AS bot_page_views
FROM ibarura.metrics_daily AS m
GROUP BY
    m.project,
    m.day,
    m.type,
    m.role
HAVING (events != 0) OR (page_views != 0) OR (bot_page_views != 0);

-- bi.metrics_monthly
CREATE VIEW bi.metrics_monthly
(
    `project` String COMMENT 'Project',
    `month` Date COMMENT 'First day of the local month',
    `type` String COMMENT 'Event type; empty for page views',
    `role` String COMMENT 'Role at that moment',
    `events` Int64 COMMENT 'Events',
    `page_views` Int64 COMMENT 'Page views of people',
    `bot_page_views` Int64 COMMENT 'Page views of robots'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Events and page views by local month, type and role'
AS SELECT
    toString(m.project) AS project,
    m.month AS month,
    toString(m.type) AS type,
    toString(m.role) AS role,
    sum(m.events) AS events,
    sum(m.page_views) AS page_views,
    sum(m.bot_page_views) AS bot_page_views
FROM ibarura.metrics_monthly AS m
GROUP BY
    m.project,
    m.month,
    m.type,
    m.role
HAVING (events != 0) OR (page_views != 0) OR (bot_page_views != 0);

-- bi.metrics_weekly
CREATE VIEW bi.metrics_weekly
(
    `project` String COMMENT 'Project',
    `week` Date COMMENT 'Monday of the local ISO week',
    `type` String COMMENT 'Event type; empty for page views',
    `role` String COMMENT 'Role at that moment',
    `events` Int64 COMMENT 'Events',
    `page_views` Int64 COMMENT 'Page views of people',
    `bot_page_views` Int64 COMMENT 'Page views of robots'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Events and page views by local ISO week, type and role'
AS SELECT
    toString(m.project) AS project,
    m.week AS week,
    toString(m.type) AS type,
    toString(m.role) AS role,
    sum(m.events) AS events,
    sum(m.page_views) AS page_views,
    sum(m.bot_page_views) AS bot_page_views
FROM ibarura.metrics_weekly AS m
GROUP BY
    m.project,
    m.week,
    m.type,
    m.role
HAVING (events != 0) OR (page_views != 0) OR (bot_page_views != 0);

-- bi.page_views
CREATE VIEW bi.page_views
(
    `project` String COMMENT 'Project',
    `day` Date COMMENT 'Local day in the zone of the project',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, UTC',
    `id` String COMMENT 'Id of the page view',
    `person` UInt64 COMMENT 'Person; 0 is nobody',
    `user_id` String COMMENT 'User, empty if not known',
    `anonymous_id` String COMMENT 'Anonymous visitor, empty if not given',
    `session_id` String COMMENT 'Session, empty if not given',
    `role` String COMMENT 'Role at that moment',
    `host` String COMMENT 'Host of the address',
    `path` String COMMENT 'Path of the page',
    `title` String COMMENT 'Title of the page',
    `object_type` String COMMENT 'Kind of the object shown',
    `object_id` String COMMENT 'Object shown',
    `source` String COMMENT 'Referring site; empty if direct or internal',
    `utm_source` String COMMENT 'utm_source',
    `utm_medium` String COMMENT 'utm_medium',
    `utm_campaign` String COMMENT 'utm_campaign',
    `duration_s` Float64 COMMENT 'Time on the page in seconds, 0 if not told',
    `device` String COMMENT 'desktop, mobile, tablet, bot or other',
    `browser` String COMMENT 'Browser family',
    `os` String COMMENT 'Operating system family',
    `country` String COMMENT 'ISO 3166-1 alpha-2, empty if not known',
    `bot` UInt8 COMMENT '1 for a robot'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Raw page views, one row each'
AS SELECT
    toString(project) AS project,
    day,
    occurred_at,
    id,
    person,
    user_id,
    anonymous_id,
    session_id,
    toString(role) AS role,
    toString(host) AS host,
    path,
    title,
    toString(object_type) AS object_type,
    object_id,
    toString(source) AS source,
    toString(utm_source) AS utm_source,
    toString(utm_medium) AS utm_medium,
    toString(utm_campaign) AS utm_campaign,
    duration_ms / 1000 AS duration_s,
    toString(device) AS device,
    toString(browser) AS browser,
    toString(os) AS os,
    toString(country) AS country,
    toUInt8(bot) AS bot
FROM ibarura.page_views;

-- bi.persons
CREATE VIEW bi.persons
(
    `project` String COMMENT 'Project',
    `person` UInt64 COMMENT 'Person',
    `user_id` String COMMENT 'User id, empty for an anonymous visitor',
    `anonymous_id` String COMMENT 'Anonymous id of a person without user id',
    `first_seen` DateTime64(3, 'UTC') COMMENT 'Earliest active event, UTC',
    `last_seen` DateTime64(3, 'UTC') COMMENT 'Latest active event, UTC'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Each person with first and last active event'
AS SELECT
    toString(p.project) AS project,
    p.person AS person,
    max(p.user_id) AS user_id,
    max(p.anonymous_id) AS anonymous_id,
    min(p.first_seen) AS first_seen,
    max(p.last_seen) AS last_seen
FROM ibarura.persons AS p
GROUP BY
    p.project,
    p.person;

-- bi.sessions
CREATE VIEW bi.sessions
(
    `project` String COMMENT 'Project',
    `day` Date COMMENT 'Local day on which the session began',
    `session_id` String COMMENT 'Session',
    `person` UInt64 COMMENT 'Person; 0 is nobody',
    `started_at` DateTime64(3, 'UTC') COMMENT 'First event or page view, UTC',
    `duration_s` Float64 COMMENT 'Last minus first, in seconds',
    `events` Int64 COMMENT 'Active events',
    `page_views` Int64 COMMENT 'Page views',
    `entry_path` String COMMENT 'First page',
    `exit_path` String COMMENT 'Last page',
    `source` String COMMENT 'Referring site of the first page',
    `device` String COMMENT 'Kind of device',
    `browser` String COMMENT 'Browser family',
    `country` String COMMENT 'ISO 3166-1 alpha-2, empty if not known',
    `bot` UInt8 COMMENT '1 for a robot',
    `bounce` UInt8 COMMENT '1 if it is one page view and no active event'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Sessions that carry a session_id'
AS SELECT
    toString(s.project) AS project,
    min(s.day) AS day,
    s.session_id AS session_id,
    max(s.person) AS person,
    min(s.started_at) AS started_at,
    (toUnixTimestamp64Milli(max(s.ended_at)) - toUnixTimestamp64Milli(min(s.started_at))) / 1000 AS duration_s,
    sum(s.events) AS events,
    sum(s.page_views) AS page_views,
    (min(s.entry)).2 AS entry_path,
    (max(s.exit)).2 AS exit_path,
    (min(s.source)).2 AS source,
    max(s.device) AS device,
    max(s.browser) AS browser,
    max(s.country) AS country,
    max(s.bot) AS bot,
    toUInt8((page_views = 1) AND (events = 0)) AS bounce
FROM ibarura.sessions AS s
GROUP BY
    s.project,
    s.session_id;

-- bi.tags_daily
CREATE VIEW bi.tags_daily
(
    `project` String COMMENT 'Project',
    `day` Date COMMENT 'Local day in the zone of the project',
    `tag` String COMMENT 'Tag',
    `events` Int64 COMMENT 'Active events that carry the tag'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Counts by tag and local day'
AS SELECT
    toString(t.project) AS project,
    t.day AS day,
    toString(t.tag) AS tag,
    sum(t.events) AS events
FROM ibarura.tag_day AS t
GROUP BY
    t.project,
    t.day,
    t.tag
HAVING events != 0;

-- bi.traits
CREATE VIEW bi.traits
(
    `project` String COMMENT 'Project',
    `kind` String COMMENT 'user, anonymous or group',
    `object_type` String COMMENT 'Kind of the group, empty for people',
    `id` String COMMENT 'User id, anonymous id, or id of the group',
    `person` UInt64 COMMENT 'Person that has the trait; 0 for a group',
    `key` String COMMENT 'Name of the trait',
    `value` String COMMENT 'Latest value',
    `said_at` DateTime64(3, 'UTC') COMMENT 'When the latest value was said, UTC',
    `first_value` String COMMENT 'Earliest value',
    `first_at` DateTime64(3, 'UTC') COMMENT 'When the earliest value was said, UTC'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'What is known of users, visitors and groups'
AS SELECT
    toString(t.project) AS project,
    toString(t.kind) AS kind,
    toString(t.object_type) AS object_type,
    t.id AS id,
    max(t.person) AS person,
    toString(t.key) AS key,
    (max(t.latest)).3 AS value,
    (max(t.latest)).1 AS said_at,
    (min(t.first)).3 AS first_value,
    (min(t.first)).1 AS first_at
FROM ibarura.traits AS t
GROUP BY
    t.project,
    t.kind,
    t.object_type,
    t.id,
    t.key;

-- bi.user_days
CREATE VIEW bi.user_days
(
    `project` String COMMENT 'Project',
    `day` Date COMMENT 'Local day in the zone of the project',
    `person` UInt64 COMMENT 'Person; count them with count(distinct person)',
    `role` String COMMENT 'Role at that moment',
    `events` Int64 COMMENT 'Active events of the person on that day in that role'
)
DEFINER = ibarura SQL SECURITY DEFINER
COMMENT 'Active person-days: active users of any range of days'
AS SELECT
    toString(u.project) AS project,
    u.day AS day,
    u.person AS person,
    toString(u.role) AS role,
    sum(u.events) AS events
FROM ibarura.user_day AS u
GROUP BY
    u.project,
    u.day,
    u.person,
    u.role
HAVING events != 0;

