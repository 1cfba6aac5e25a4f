-- Base tables of one app. They are not API: people read the views. Instants are epoch milliseconds, because they pass
-- through JSON on every hot path. Payloads are json and never jsonb, which rejects \u0000 and reorders keys. Text that
-- serves as a key compares bytewise.

create table {{schema}}.app (
  one boolean primary key default true check (one),
  version text,
  plan text,
  epoch bigint not null default 0
);
insert into {{schema}}.app default values;

create table {{schema}}.plan (
  id text collate "C" primary key,
  version text not null,
  document json not null,
  created_at bigint not null
);

create table {{schema}}.version (
  version text collate "C" primary key,
  plan text collate "C" not null references {{schema}}.plan (id),
  sequence bigint generated always as identity,
  deployed_at bigint not null,
  activated_at bigint
);

create table {{schema}}.job (
  id text collate "C" primary key,
  generation text collate "C" not null,
  revision bigint not null,
  plan text not null,
  topic text not null,
  version text not null,
  phase text not null,
  status bigint not null,
  control json not null,
  data json,
  fields json not null,
  failure json,
  key text,
  entity text,
  parent json,
  origin text,
  waiter text,
  trace text,
  created_at bigint not null,
  updated_at bigint not null,
  expire_at bigint
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 500,
  autovacuum_analyze_scale_factor = 0.05
);
create index job_expire on {{schema}}.job (expire_at) where expire_at is not null;

create table {{schema}}.activity (
  job_id text collate "C" not null,
  activity_id text collate "C" not null,
  address text collate "C" not null,
  generation text collate "C" not null,
  type text not null,
  topic text,
  open boolean not null,
  output json not null,
  hook json not null,
  metadata json not null,
  input json not null,
  started_at bigint not null,
  completed_at bigint,
  primary key (job_id, activity_id, address)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);

-- A topic of null is the engine stream. No index covers a lease column, so that leasing stays a HOT update.
create table {{schema}}.message (
  key text collate "C" primary key,
  id bigint generated always as identity,
  topic text collate "C",
  kind text not null,
  job_id text collate "C",
  generation text collate "C",
  path text collate "C",
  body json not null,
  scheduled_at bigint,
  visible_at bigint not null,
  attempt integer not null,
  max_retry_attempts integer,
  backoff_coefficient double precision,
  maximum_interval_seconds double precision,
  initial_interval_seconds double precision,
  code_retries json,
  workflow text,
  trace text,
  request text,
  input json,
  lease_token text,
  lease_until bigint,
  lease_holder text,
  leased_at bigint,
  deliveries integer not null default 0,
  held boolean not null default false,
  parked_reason text,
  dead_lettered_at bigint,
  created_at bigint not null
) with (
  fillfactor = 75,
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 500,
  autovacuum_analyze_scale_factor = 0.05,
  autovacuum_vacuum_cost_delay = 0
);
create index message_engine on {{schema}}.message (visible_at, id)
  where topic is null and parked_reason is null;
create index message_worker on {{schema}}.message (topic, visible_at, id)
  where topic is not null and not held and parked_reason is null and dead_lettered_at is null;
create index message_turn on {{schema}}.message (job_id, visible_at, id)
  where topic is null and parked_reason is null;
create index message_path on {{schema}}.message (job_id, path);
create index message_parked on {{schema}}.message (job_id) where parked_reason is not null;

create table {{schema}}.failed_attempt (
  key text collate "C" primary key,
  id bigint generated always as identity,
  topic text,
  kind text not null,
  job_id text collate "C",
  generation text,
  path text,
  body json not null,
  error json not null,
  attempt integer not null,
  max_retry_attempts integer,
  backoff_coefficient double precision,
  maximum_interval_seconds double precision,
  workflow text,
  created_at bigint not null,
  visible_at bigint not null,
  leased_at bigint,
  lease_holder text,
  failed_at bigint not null
);
create index failed_attempt_job on {{schema}}.failed_attempt (job_id);
create index failed_attempt_jobless on {{schema}}.failed_attempt (failed_at) where job_id is null;

-- The lookup is a digest of topic and signal key, which may be of any length.
create table {{schema}}.hook (
  job_id text collate "C" not null,
  path text collate "C" not null,
  lookup text collate "C" not null,
  generation text collate "C" not null,
  topic text not null,
  signal_key text not null,
  opened_at bigint not null,
  timeout_at bigint,
  primary key (job_id, path, lookup)
);
create index hook_lookup on {{schema}}.hook (lookup);

create table {{schema}}.signal (
  lookup text collate "C" primary key,
  topic text not null,
  signal_key text not null,
  dispatch text not null,
  body json not null,
  closes boolean not null,
  created_at bigint not null,
  keep_until bigint not null
);
create index signal_keep on {{schema}}.signal (keep_until);

create table {{schema}}.counter (
  name text collate "C" not null,
  slice text collate "C" not null,
  field text collate "C" not null,
  value double precision not null,
  primary key (name, slice, field)
) with (fillfactor = 70);

create table {{schema}}.throttle (
  topic text collate "C" not null default '',
  guid text collate "C" not null default '',
  scope text collate "C" not null default '',
  throttle bigint not null,
  created_at bigint not null,
  primary key (topic, guid, scope)
);

create table {{schema}}.member (
  guid text collate "C" not null,
  role text not null,
  topic text collate "C" not null default '',
  version text,
  connected_at bigint not null,
  seen_at bigint not null,
  primary key (guid, role, topic)
);

-- Notification payloads that are too long to travel by themselves.
create table {{schema}}.notice (
  id text collate "C" primary key,
  body json not null,
  expires_at bigint not null
);
create index notice_expires on {{schema}}.notice (expires_at);
