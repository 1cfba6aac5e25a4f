-- What people and their tools read. Names and columns are stable; the tables beneath are not.

create function {{schema}}.instant_of(ms bigint) returns timestamptz
language sql immutable strict parallel safe
return to_timestamp(ms / 1000.0);

create function {{schema}}.now_ms() returns bigint
language sql volatile
return floor(extract(epoch from clock_timestamp()) * 1000)::bigint;

-- A codec encodes values before they come here: {"$hotmesh":"codec","v":"<encoded>"} stands for one, and is shown as
-- "/b<encoded>". No text inside of a document looks like that: its quotation marks are escaped.
create function {{schema}}.with_encoded_shown(document json) returns json
language sql immutable strict
  set search_path = pg_catalog, pg_temp
as $$
  select case
    when strpos($1::text, '{"$hotmesh":"codec","v":"') > 0 then regexp_replace(
      $1::text, '\{"\$hotmesh":"codec","v":"((?:[^"\\]|\\.)*)"\}', '"/b\1"', 'g'
    )::json
    else $1
  end
$$;

-- jsonb can hold neither \u0000 nor half a surrogate pair; a payload that has one comes out as close to itself as it gets.
create function {{schema}}.as_jsonb(document json) returns jsonb
language plpgsql immutable strict
  set search_path = pg_catalog, pg_temp
as $$
begin
  return document::jsonb;
exception when others then
  begin
    return regexp_replace(document::text, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g')::jsonb;
  exception when others then
    return to_jsonb(document::text);
  end;
end $$;

create function {{schema}}.shown(document json) returns jsonb
language sql immutable strict
  set search_path = pg_catalog, pg_temp
as $$ select {{schema}}.as_jsonb({{schema}}.with_encoded_shown($1)) $$;

create function {{schema}}.object_of(document json) returns json
language sql immutable
return case when json_typeof(document) = 'object' then document else '{}'::json end;

-- The document, or what can be shown of it: whatever comes of this can be taken apart without an error.
create function {{schema}}.readable(document json) returns json
language plpgsql immutable strict
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform document::jsonb;
  return document;
exception when others then
  return {{schema}}.as_jsonb(document)::json;
end $$;

-- The document with its texts as columns hold them: what text cannot hold is written there as U+0001 and four
-- digits. So it can be taken apart, and ids in it are equal to ids of rows. JSON escapes half a surrogate pair, and
-- never a whole one.
create function {{schema}}.as_columns(document json) returns json
language sql immutable strict
  set search_path = pg_catalog, pg_temp
as $$
  select case
    when strpos($1::text, '\u') > 0 then regexp_replace(
      $1::text, '(?<!\\)((?:\\\\)*)\\u(0000|0001|[dD][89a-fA-F][0-9a-fA-F]{2})', '\1\\u0001\2', 'g'
    )::json
    else $1
  end
$$;

-- What a signal has to bring, as the author of a hook rule knows it: the key begins with the name of the rule, and the
-- place of the value where one of several is enough. Values are the strings after the first place.
create function {{schema}}.expected_of(signal_key text) returns text
language plpgsql immutable strict
  set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((
    select string_agg(e.value #>> '{}', ',' order by e.place)
    from json_array_elements(signal_key::json) with ordinality as e(value, place)
    where e.place > 1 and json_typeof(e.value) = 'string'
  ), signal_key);
exception when others then
  return signal_key;
end $$;

create function {{schema}}.tagged_text(value text) returns text
language sql immutable strict
return case when value ~ '^/[tfdnsb/]' then '/' || value else value end;

-- A stored value as one text, whose beginning tells its type. Dates, NaN and the infinities are stored as tagged maps.
create function {{schema}}.value_text(value json) returns text
language sql immutable
return case json_typeof(value)
  when 'string' then {{schema}}.tagged_text(value #>> '{}')
  when 'boolean' then case when value::text = 'true' then '/t' else '/f' end
  when 'number' then '/d' || value::text
  when 'object' then case {{schema}}.object_of(value) ->> '$hotmesh'
    when 'date' then coalesce(to_char(
      {{schema}}.instant_of((value ->> 'v')::numeric::bigint) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
    ), '/n')
    when 'number' then '/n'
    when 'map' then '/s' || (value -> 'v')::text
    else '/s' || value::text
  end
  when 'array' then '/s' || value::text
  else '/n'
end;

-- Everything in a document that is no map of other things, with the path to it.
create function {{schema}}.leaves(document json, root text) returns table (path text, value text)
language sql immutable
as $$
  with recursive node(path, value) as (
    select root, {{schema}}.readable(document)
    where json_typeof(document) <> 'null'
    union all
    select n.path || '/' || e.key, e.value
    from node as n
    cross join lateral json_each(
      case when json_typeof(n.value) = 'object' and n.value -> '$hotmesh' is null then n.value else '{}' end
    ) as e
  )
  select n.path, {{schema}}.value_text(n.value)
  from node as n
  where json_typeof(n.value) <> 'object' or n.value -> '$hotmesh' is not null or n.value::text = '{}'
$$;

create view {{schema}}.jobs as
select
  j.id,
  {{prefix}} || 'j:' || j.id as key,
  j.topic,
  j.entity,
  j.phase as state,
  j.status,
  j.version,
  coalesce(j.origin, j.parent ->> 'job') as origin_id,
  j.parent ->> 'job' as parent_id,
  {{schema}}.shown(j.data) as context,
  {{schema}}.shown(j.failure) as error,
  {{schema}}.instant_of(j.created_at) as created_at,
  {{schema}}.instant_of(j.updated_at) as updated_at,
  {{schema}}.instant_of(j.expire_at) as expired_at,
  null::timestamptz as pruned_at,
  true as is_live
from {{schema}}.job as j
where j.expire_at is null or j.expire_at > {{schema}}.now_ms();

-- Stored passes, and the open ones of running jobs that have stored nothing yet.
create view {{schema}}.activities as
select
  a.job_id,
  a.activity_id,
  a.address as dad,
  a.type,
  a.topic,
  case when a.open then 'open' when e.error is not null then 'failed' else 'completed' end as state,
  1 + (
    select count(*)
    from {{schema}}.failed_attempt as f
    where f.job_id = a.job_id and f.path = a.activity_id || a.address
  ) as attempts,
  {{schema}}.shown(a.input) as input,
  {{schema}}.shown(a.output) as output,
  e.error,
  {{schema}}.instant_of(a.started_at) as started_at,
  {{schema}}.instant_of(a.completed_at) as completed_at
from {{schema}}.activity as a
join {{schema}}.job as j on j.id = a.job_id and (j.expire_at is null or j.expire_at > {{schema}}.now_ms())
cross join lateral (
  select nullif({{schema}}.shown(coalesce(
    {{schema}}.object_of(a.metadata) -> 'err', {{schema}}.object_of(a.metadata) -> 'error'
  )), 'null'::jsonb) as error
) as e
union all
select
  j.id,
  {{schema}}.object_of(o.value) ->> 'activity',
  {{schema}}.object_of(o.value) ->> 'address',
  {{schema}}.object_of(o.value) ->> 'type',
  {{schema}}.object_of(o.value) ->> 'topic',
  'open',
  1 + (select count(*) from {{schema}}.failed_attempt as f where f.job_id = j.id and f.path = o.key),
  null,
  null,
  null,
  case
    when json_typeof({{schema}}.object_of(o.value) -> 'enteredAt') = 'number'
      then {{schema}}.instant_of(({{schema}}.object_of(o.value) ->> 'enteredAt')::numeric::bigint)
  end,
  null
from {{schema}}.job as j
cross join lateral json_each({{schema}}.object_of({{schema}}.object_of(j.control) -> 'open')) as o
where (j.expire_at is null or j.expire_at > {{schema}}.now_ms())
  and not exists (
    select 1 from {{schema}}.activity as a where a.job_id = j.id and a.activity_id || a.address = o.key
  );

-- The stored values of live jobs, one each. symbol and dimension together are the keys of getRaw.
create view {{schema}}.jobs_attributes as
select
  j.id as job_id,
  v.symbol,
  '' as dimension,
  v.value,
  v.type,
  {{schema}}.instant_of(j.created_at) as created_at,
  {{schema}}.instant_of(j.updated_at) as updated_at
from {{schema}}.job as j
cross join lateral (
  select ':' as symbol, j.status::text as value, 'status' as type
  union all
  select l.path, l.value, 'jdata' from {{schema}}.leaves(j.data, 'data') as l
  union all
  select
    f.key,
    {{schema}}.value_text(f.value),
    case left(f.key, 1) when '_' then 'udata' when '-' then 'jmark' else 'other' end
  from json_each({{schema}}.object_of({{schema}}.readable(j.fields))) as f
) as v
where j.expire_at is null or j.expire_at > {{schema}}.now_ms()
union all
select
  a.job_id,
  l.path,
  a.address,
  l.value,
  'adata',
  {{schema}}.instant_of(a.started_at),
  {{schema}}.instant_of(coalesce(a.completed_at, a.started_at))
from {{schema}}.activity as a
join {{schema}}.job as j on j.id = a.job_id and (j.expire_at is null or j.expire_at > {{schema}}.now_ms())
cross join lateral (
  select o.path, o.value from {{schema}}.leaves(a.output, a.activity_id || '/output/data') as o
  union all
  select h.path, h.value from {{schema}}.leaves(a.hook, a.activity_id || '/hook/data') as h
) as l;

create function {{schema}}.message_type(kind text, topic text) returns text
language sql immutable
return case
  when topic is not null then 'worker'
  when kind = 'start' then 'await'
  when kind = 'complete' then 'response'
  when kind = 'signal' then 'webhook'
  when kind = 'wake' then 'timehook'
  when kind = 'resume' then 'transition'
  else kind
end;

create function {{schema}}.message_priority(type text) returns integer
language sql immutable
return case type
  when 'interrupt' then 6
  when 'timehook' then 5
  when 'webhook' then 5
  when 'transition' then 4
  when 'await' then 3
  when 'response' then 2
  when 'worker' then 1
  else 0
end;

-- Messages and failed attempts in one shape; the two stream views pick from it. A message whose callback answered
-- nothing is kept for its activity, which is open, but nobody is to work on it: it is not there.
create view {{schema}}.stream_rows as
select
  s.key as id,
  {{prefix}} || 'x:' || coalesce(s.topic, '') as stream_name,
  s.job_id as jid,
  json_build_object(
    'metadata', json_strip_nulls(json_build_object(
      'guid', s.key, 'topic', s.topic, 'jid', s.job_id, 'gid', s.generation,
      'dad', nullif(substr(s.path, length(split_part(s.path, ',', 1)) + 1), ''),
      'aid', split_part(s.path, ',', 1), 'try', nullif(s.attempt, 0), 'wfn', s.workflow,
      'trc', coalesce(substring(s.trace from '^00-([0-9a-f]{32})-'), s.trace),
      'spn', substring(s.trace from '^00-[0-9a-f]{32}-([0-9a-f]{16})-')
    )),
    'type', {{schema}}.message_type(s.kind, s.topic),
    'data', {{schema}}.with_encoded_shown(s.body)
  ) as message,
  {{schema}}.instant_of(s.created_at) as created_at,
  {{schema}}.instant_of(s.visible_at) as visible_at,
  {{schema}}.instant_of(s.leased_at) as reserved_at,
  s.lease_holder as reserved_by,
  {{schema}}.instant_of(s.failed_at) as expired_at,
  {{schema}}.instant_of(s.dead_lettered_at) as dead_lettered_at,
  s.max_retry_attempts,
  s.backoff_coefficient,
  s.maximum_interval_seconds,
  s.attempt as retry_attempt,
  {{schema}}.message_priority({{schema}}.message_type(s.kind, s.topic)) as priority,
  s.error,
  s.workflow as workflow_name,
  split_part(s.path, ',', 1) as aid,
  nullif(substr(s.path, length(split_part(s.path, ',', 1)) + 1), '') as dad,
  {{schema}}.message_type(s.kind, s.topic) as msg_type,
  s.topic
from (
  select m.key, m.topic, m.kind, m.job_id, m.generation, m.path, m.body, m.created_at, m.visible_at,
    case when m.lease_token is not null then m.leased_at end as leased_at,
    case when m.lease_token is not null then m.lease_holder end as lease_holder,
    null::bigint as failed_at, m.dead_lettered_at, m.max_retry_attempts, m.backoff_coefficient,
    m.maximum_interval_seconds, m.attempt, m.workflow, m.trace,
    case
      when m.parked_reason is not null then jsonb_build_object('message', m.parked_reason)
      when m.dead_lettered_at is not null then (
        select {{schema}}.shown(f.error) from {{schema}}.failed_attempt as f where f.key = m.key
      )
    end as error
  from {{schema}}.message as m
  where not m.held
  union all
  select f.key, f.topic, f.kind, f.job_id, f.generation, f.path, f.body, f.created_at, f.visible_at,
    f.leased_at, f.lease_holder, f.failed_at, null, f.max_retry_attempts, f.backoff_coefficient,
    f.maximum_interval_seconds, f.attempt, f.workflow, null, {{schema}}.shown(f.error)
  from {{schema}}.failed_attempt as f
  -- The last attempt of a dead letter is the dead letter.
  where not exists (select 1 from {{schema}}.message as m where m.key = f.key and m.dead_lettered_at is not null)
) as s
where not exists (
  select 1 from {{schema}}.job as j where j.id = s.job_id and j.expire_at <= {{schema}}.now_ms()
);

create view {{schema}}.engine_streams as
select id, stream_name, jid, message, created_at, visible_at, reserved_at, reserved_by, expired_at, dead_lettered_at,
  max_retry_attempts, backoff_coefficient, maximum_interval_seconds, retry_attempt, priority, error
from {{schema}}.stream_rows
where topic is null;

create view {{schema}}.worker_streams as
select id, stream_name, jid, message, created_at, visible_at, reserved_at, reserved_by, expired_at, dead_lettered_at,
  max_retry_attempts, backoff_coefficient, maximum_interval_seconds, retry_attempt, priority, error, workflow_name,
  aid, dad, msg_type, topic
from {{schema}}.stream_rows
where topic is not null;

create view {{schema}}.hooks as
select
  h.job_id,
  split_part(h.path, ',', 1) as activity_id,
  substr(h.path, length(split_part(h.path, ',', 1)) + 1) as dad,
  h.topic,
  {{schema}}.expected_of(h.signal_key) as signal_key,
  {{schema}}.instant_of(h.opened_at) as waiting_since,
  {{schema}}.instant_of(h.timeout_at) as timeout_at
from {{schema}}.hook as h
join {{schema}}.job as j
  on j.id = h.job_id
  and j.generation = h.generation
  and (j.expire_at is null or j.expire_at > {{schema}}.now_ms());

create view {{schema}}.signals as
select
  g.topic,
  {{schema}}.expected_of(g.signal_key) as signal_key,
  {{schema}}.shown(coalesce({{schema}}.object_of(g.body) -> 'data', g.body)) as data,
  {{schema}}.instant_of(g.created_at) as created_at,
  {{schema}}.instant_of(g.keep_until) as expires_at
from {{schema}}.signal as g
where g.keep_until > {{schema}}.now_ms();

create view {{schema}}.throttles as
select nullif(t.topic, '') as topic, nullif(t.guid, '') as guid, t.scope, t.throttle,
  {{schema}}.instant_of(t.created_at) as created_at
from {{schema}}.throttle as t;

create view {{schema}}.members as
select m.guid, m.role, nullif(m.topic, '') as topic, m.version,
  {{schema}}.instant_of(m.connected_at) as connected_at, {{schema}}.instant_of(m.seen_at) as seen_at
from {{schema}}.member as m
where m.seen_at > {{schema}}.now_ms() - 60000;

create view {{schema}}.versions as
select
  v.version,
  case when a.version is null then 'deployed' else 'activated' end as status,
  {{schema}}.instant_of(v.deployed_at) as deployed_at,
  {{schema}}.instant_of(v.activated_at) as activated_at
from {{schema}}.version as v
left join {{schema}}.app as a on a.version = v.version
order by v.sequence;
