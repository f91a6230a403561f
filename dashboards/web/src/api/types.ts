// The shapes of the API's answers, as docs/reading.md describes them.

export interface Meta {
  definition: { key: string; title: string; sentence: string };
  from: string;
  to: string;
  interval?: string;
  timezone: string;
  as_of: string;
  source: string[];
  partial: string[];
  elapsed_ms: number;
  rows_read: number;
  notes?: string[];
  next_cursor?: string;
}

export interface Answer<D, S = unknown> {
  data: D;
  summary?: S;
  compare?: { from: string; to: string; data: D; summary?: S };
  meta: Meta;
}

export interface Session {
  project: string;
  timezone: string;
  scope: 'read' | 'admin';
  key_id: string;
  ends_at?: string;
}

export interface Totals {
  active_users: number;
  new_users: number;
  events: number;
  page_views: number;
  posts_created: number;
  comments: number;
  signups: number;
  logins: number;
}

export interface ActivePoint {
  period: string;
  users: number;
}

export interface Summary {
  totals: Totals;
  series: {
    active: ActivePoint[];
    events: { period: string; events: number }[];
    page_views: { period: string; page_views: number }[];
  };
  top_posts: { post: string; users: number; events: number }[];
  top_tags: { tag: string; users: number; events: number }[];
}

export interface SessionNumbers {
  sessions: number;
  bounces: number;
  bounce_rate: number;
  page_views: number;
  pages_per_session: number;
  average_seconds: number;
  median_seconds: number;
}

export interface Sessions {
  totals: SessionNumbers;
  series: (SessionNumbers & { period: string })[];
}

export interface Engagement {
  users: number;
  events: number;
  views: number;
  comments: number;
  reactions: number;
  shares: number;
}

export interface Ranked extends Engagement {
  post?: string;
  tag?: string;
  previous: Engagement | null;
  trend: number | null;
}

export interface Posts {
  totals: { posts: number; created: number; people: number; views: number; comments: number; reactions: number; shares: number };
  created: { period: string; posts: number }[];
}

export interface Users {
  totals: { active_users: number; new_users: number; total_users: number; signups: number; logins: number };
  active: ActivePoint[];
  growth: { period: string; new: number; total: number }[];
  roles: { role: string; users: number; events: number }[];
}

export interface Lifecycle {
  period: string;
  active: number;
  new: number;
  retained: number;
  resurrected: number;
  churned: number;
}

export interface Cohort {
  cohort: string;
  size: number;
  cells: (number | null)[];
}

export interface Delivery {
  channel?: string;
  campaign?: string;
  sent: number;
  delivered: number;
  opened: number;
  clicked: number;
  open_rate: number | null;
  click_rate: number | null;
  rate_over: string;
}

export interface Attending {
  registered: number;
  attended: number;
  cancelled: number;
  show_rate: number | null;
}

export interface Step {
  step: string;
  users: number;
  value?: string;
  median_seconds?: number | null;
  p90_seconds?: number | null;
}

export interface Moment {
  at: string;
  kind: string;
  id: string;
  type?: string;
  role?: string;
  object_type?: string;
  object_id?: string;
  tags?: string[];
  properties?: Record<string, string>;
  url?: string;
  path?: string;
  title?: string;
  user_id?: string;
  anonymous_id?: string;
}

interface Rates {
  events: number;
  page_views: number;
}

/** LiveRow is something that just happened; it does not say who did it. */
export interface LiveRow {
  kind: string;
  occurred_at: string;
  type?: string;
  role?: string;
  object_type?: string;
  object_id?: string;
  path?: string;
}

/** LiveUpdate is what the live stream says, as docs/live.md describes it. */
export interface LiveUpdate {
  at: string;
  active: { last_5m: number; last_30m: number; exact: boolean };
  last_30m: Rates;
  per_second: Rates;
  received: Rates;
  matching: { per_second: Rates; received: Rates };
  latest: LiveRow[];
  unlisted: number;
}

/** Receipt is what has become of an order to erase a person: see docs/erasure.md. */
export interface Receipt {
  erasure: string;
  state: string;
  ordered_at: string;
  purged_at?: string;
  swept_at?: string;
  finished_at?: string;
  rows: Record<string, number>;
  clean: boolean;
}

/** ApiKey is a key without its secret, which is in key when it was just made: see docs/operations.md. */
export interface ApiKey {
  id: string;
  scope: 'write' | 'read' | 'admin';
  label: string;
  created_at: string;
  revoked_at?: string;
  own: boolean;
  key?: string;
}

/** ViewLink is a link to a view; path is the link itself, while it is good: see docs/dashboard.md. */
export interface ViewLink {
  id: string;
  name: string;
  view: string;
  state: 'good' | 'expired' | 'revoked';
  created_at: string;
  expires_at: string;
  revoked_at?: string;
  path?: string;
}

/** SharedView is what a link shows to whoever has it. */
export interface SharedView {
  project: string;
  timezone: string;
  name: string;
  view: string;
  expires_at: string;
}

export interface ProjectInfo {
  project: string;
  timezone: string;
  zones: { zone: string; until?: string }[];
  created_at: string;
  origins: string[];
  retention_days: { raw: number; people: number; counters: number };
}
