-- +goose NO TRANSACTION
-- +goose ENVSUB ON

-- What BI tools see: plain types, states merged, rows that an erasure emptied
-- hidden. The views run with the rights of their definer, so that the bi user
-- needs none on the tables. Property keys that the definitions use are columns.

-- +goose Up
-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.events
(
    project      String             COMMENT 'Project',
    day          Date               COMMENT 'Local day in the zone of the project',
    occurred_at  DateTime64(3, 'UTC') COMMENT 'When it happened, UTC',
    received_at  DateTime64(3, 'UTC') COMMENT 'When it reached us, UTC',
    id           String             COMMENT 'Id of the event',
    type         String             COMMENT 'Event type',
    active       UInt8              COMMENT '0 for passive types, which make nobody active',
    person       UInt64             COMMENT 'Person; 0 is nobody',
    user_id      String             COMMENT 'User, empty if not known',
    anonymous_id String             COMMENT 'Anonymous visitor, empty if not given',
    session_id   String             COMMENT 'Session, empty if not given',
    role         String             COMMENT 'Role at that moment',
    object_type  String             COMMENT 'Kind of the object acted on',
    object_id    String             COMMENT 'Object acted on',
    tags         String             COMMENT 'Tags, separated by commas',
    channel      String             COMMENT 'Property channel: of a notification or message',
    campaign     String             COMMENT 'Property campaign',
    properties   String             COMMENT 'All properties as a JSON object'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(project) AS project, day, occurred_at, received_at, id, toString(type) AS type,
          toUInt8(active) AS active, person, user_id, anonymous_id, session_id, toString(role) AS role,
          toString(object_type) AS object_type, object_id, arrayStringConcat(tags, ',') AS tags,
          e.properties['channel'] AS channel, e.properties['campaign'] AS campaign,
          toJSONString(e.properties) AS properties
FROM ${IBARURA_DATABASE}.events AS e
COMMENT 'Raw events, one row each';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.page_views
(
    project      String             COMMENT 'Project',
    day          Date               COMMENT 'Local day in the zone of the project',
    occurred_at  DateTime64(3, 'UTC') COMMENT 'When it happened, UTC',
    id           String             COMMENT 'Id of the page view',
    person       UInt64             COMMENT 'Person; 0 is nobody',
    user_id      String             COMMENT 'User, empty if not known',
    anonymous_id String             COMMENT 'Anonymous visitor, empty if not given',
    session_id   String             COMMENT 'Session, empty if not given',
    role         String             COMMENT 'Role at that moment',
    host         String             COMMENT 'Host of the address',
    path         String             COMMENT 'Path of the page',
    title        String             COMMENT 'Title of the page',
    object_type  String             COMMENT 'Kind of the object shown',
    object_id    String             COMMENT 'Object shown',
    source       String             COMMENT 'Referring site; empty if direct or internal',
    utm_source   String             COMMENT 'utm_source',
    utm_medium   String             COMMENT 'utm_medium',
    utm_campaign String             COMMENT 'utm_campaign',
    duration_s   Float64            COMMENT 'Time on the page in seconds, 0 if not told',
    device       String             COMMENT 'desktop, mobile, tablet, bot or other',
    browser      String             COMMENT 'Browser family',
    os           String             COMMENT 'Operating system family',
    country      String             COMMENT 'ISO 3166-1 alpha-2, empty if not known',
    bot          UInt8              COMMENT '1 for a robot'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(project) AS project, day, occurred_at, id, person, user_id, anonymous_id, session_id,
          toString(role) AS role, toString(host) AS host, path, title, toString(object_type) AS object_type,
          object_id, toString(source) AS source, toString(utm_source) AS utm_source,
          toString(utm_medium) AS utm_medium, toString(utm_campaign) AS utm_campaign,
          duration_ms / 1000 AS duration_s, toString(device) AS device, toString(browser) AS browser,
          toString(os) AS os, toString(country) AS country, toUInt8(bot) AS bot
FROM ${IBARURA_DATABASE}.page_views
COMMENT 'Raw page views, one row each';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.metrics_daily
(
    project        String COMMENT 'Project',
    day            Date   COMMENT 'Local day in the zone of the project',
    type           String COMMENT 'Event type; empty for page views',
    role           String COMMENT 'Role at that moment',
    events         Int64  COMMENT 'Events',
    page_views     Int64  COMMENT 'Page views of people',
    bot_page_views Int64  COMMENT 'Page views of robots'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(m.project) AS project, m.day AS day, toString(m.type) AS type, toString(m.role) AS role,
          sum(m.events) AS events, sum(m.page_views) AS page_views, sum(m.bot_page_views) AS bot_page_views
FROM ${IBARURA_DATABASE}.metrics_daily AS m
GROUP BY m.project, m.day, m.type, m.role
HAVING events != 0 OR page_views != 0 OR bot_page_views != 0
COMMENT 'Events and page views by local day, type and role';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.metrics_weekly
(
    project        String COMMENT 'Project',
    week           Date   COMMENT 'Monday of the local ISO week',
    type           String COMMENT 'Event type; empty for page views',
    role           String COMMENT 'Role at that moment',
    events         Int64  COMMENT 'Events',
    page_views     Int64  COMMENT 'Page views of people',
    bot_page_views Int64  COMMENT 'Page views of robots'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(m.project) AS project, m.week AS week, toString(m.type) AS type, toString(m.role) AS role,
          sum(m.events) AS events, sum(m.page_views) AS page_views, sum(m.bot_page_views) AS bot_page_views
FROM ${IBARURA_DATABASE}.metrics_weekly AS m
GROUP BY m.project, m.week, m.type, m.role
HAVING events != 0 OR page_views != 0 OR bot_page_views != 0
COMMENT 'Events and page views by local ISO week, type and role';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.metrics_monthly
(
    project        String COMMENT 'Project',
    month          Date   COMMENT 'First day of the local month',
    type           String COMMENT 'Event type; empty for page views',
    role           String COMMENT 'Role at that moment',
    events         Int64  COMMENT 'Events',
    page_views     Int64  COMMENT 'Page views of people',
    bot_page_views Int64  COMMENT 'Page views of robots'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(m.project) AS project, m.month AS month, toString(m.type) AS type, toString(m.role) AS role,
          sum(m.events) AS events, sum(m.page_views) AS page_views, sum(m.bot_page_views) AS bot_page_views
FROM ${IBARURA_DATABASE}.metrics_monthly AS m
GROUP BY m.project, m.month, m.type, m.role
HAVING events != 0 OR page_views != 0 OR bot_page_views != 0
COMMENT 'Events and page views by local month, type and role';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.user_days
(
    project String COMMENT 'Project',
    day     Date   COMMENT 'Local day in the zone of the project',
    person  UInt64 COMMENT 'Person; count them with count(distinct person)',
    role    String COMMENT 'Role at that moment',
    events  Int64  COMMENT 'Active events of the person on that day in that role'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(u.project) AS project, u.day AS day, u.person AS person, toString(u.role) AS role,
          sum(u.events) AS events
FROM ${IBARURA_DATABASE}.user_day AS u
GROUP BY u.project, u.day, u.person, u.role
HAVING events != 0
COMMENT 'Active person-days: active users of any range of days';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.active_users_daily
(
    project      String COMMENT 'Project',
    day          Date   COMMENT 'Local day in the zone of the project',
    active_users UInt64 COMMENT 'Distinct active persons of the day; do not add days up'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(u.project) AS project, u.day AS day, uniqExact(u.person) AS active_users
FROM ${IBARURA_DATABASE}.user_day AS u
GROUP BY u.project, u.day
COMMENT 'Daily active users, exact';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.persons
(
    project      String               COMMENT 'Project',
    person       UInt64               COMMENT 'Person',
    user_id      String               COMMENT 'User id, empty for an anonymous visitor',
    anonymous_id String               COMMENT 'Anonymous id of a person without user id',
    first_seen   DateTime64(3, 'UTC') COMMENT 'Earliest active event, UTC',
    last_seen    DateTime64(3, 'UTC') COMMENT 'Latest active event, UTC'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(p.project) AS project, p.person AS person, max(p.user_id) AS user_id,
          max(p.anonymous_id) AS anonymous_id, min(p.first_seen) AS first_seen, max(p.last_seen) AS last_seen
FROM ${IBARURA_DATABASE}.persons AS p
GROUP BY p.project, p.person
COMMENT 'Each person with first and last active event';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.content_daily
(
    project     String COMMENT 'Project',
    day         Date   COMMENT 'Local day in the zone of the project',
    object_type String COMMENT 'Kind of the object',
    object_id   String COMMENT 'Object',
    events      Int64  COMMENT 'Active events on the object',
    views       Int64  COMMENT 'Views',
    comments    Int64  COMMENT 'Comments',
    reactions   Int64  COMMENT 'Reactions',
    shares      Int64  COMMENT 'Shares'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(c.project) AS project, c.day AS day, toString(c.object_type) AS object_type,
          c.object_id AS object_id, sum(c.events) AS events, sum(c.views) AS views, sum(c.comments) AS comments,
          sum(c.reactions) AS reactions, sum(c.shares) AS shares
FROM ${IBARURA_DATABASE}.content_day AS c
GROUP BY c.project, c.day, c.object_type, c.object_id
HAVING events != 0 OR views != 0
COMMENT 'Counts by object and local day';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.tags_daily
(
    project String COMMENT 'Project',
    day     Date   COMMENT 'Local day in the zone of the project',
    tag     String COMMENT 'Tag',
    events  Int64  COMMENT 'Active events that carry the tag'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(t.project) AS project, t.day AS day, toString(t.tag) AS tag, sum(t.events) AS events
FROM ${IBARURA_DATABASE}.tag_day AS t
GROUP BY t.project, t.day, t.tag
HAVING events != 0
COMMENT 'Counts by tag and local day';
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE VIEW ${IBARURA_BI_DATABASE}.sessions
(
    project    String               COMMENT 'Project',
    day        Date                 COMMENT 'Local day on which the session began',
    session_id String               COMMENT 'Session',
    person     UInt64               COMMENT 'Person; 0 is nobody',
    started_at DateTime64(3, 'UTC') COMMENT 'First event or page view, UTC',
    duration_s Float64              COMMENT 'Last minus first, in seconds',
    events     Int64                COMMENT 'Active events',
    page_views Int64                COMMENT 'Page views',
    entry_path String               COMMENT 'First page',
    exit_path  String               COMMENT 'Last page',
    source     String               COMMENT 'Referring site of the first page',
    device     String               COMMENT 'Kind of device',
    browser    String               COMMENT 'Browser family',
    country    String               COMMENT 'ISO 3166-1 alpha-2, empty if not known',
    bot        UInt8                COMMENT '1 for a robot',
    bounce     UInt8                COMMENT '1 if it is one page view and no active event'
)
DEFINER = ${IBARURA_WRITER} SQL SECURITY DEFINER
AS SELECT toString(s.project) AS project, min(s.day) AS day, s.session_id AS session_id, max(s.person) AS person,
          min(s.started_at) AS started_at,
          (toUnixTimestamp64Milli(max(s.ended_at)) - toUnixTimestamp64Milli(min(s.started_at))) / 1000 AS duration_s,
          sum(s.events) AS events, sum(s.page_views) AS page_views,
          min(s.entry).2 AS entry_path, max(s.exit).2 AS exit_path, min(s.source).2 AS source,
          max(s.device) AS device, max(s.browser) AS browser, max(s.country) AS country, max(s.bot) AS bot,
          toUInt8(page_views = 1 AND events = 0) AS bounce
FROM ${IBARURA_DATABASE}.sessions AS s
GROUP BY s.project, s.session_id
COMMENT 'Sessions that carry a session_id';
-- +goose StatementEnd

-- +goose Down
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.sessions SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.tags_daily SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.content_daily SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.persons SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.active_users_daily SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.user_days SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.metrics_monthly SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.metrics_weekly SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.metrics_daily SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.page_views SYNC;
DROP VIEW IF EXISTS ${IBARURA_BI_DATABASE}.events SYNC;
