-- A job's parent is shown as its payload names it, and a pass that a job gave up is not open any more.

create or replace view {{schema}}.jobs as
select
  j.id,
  {{prefix}} || 'j:' || j.id as key,
  j.topic,
  j.entity,
  j.phase as state,
  j.status,
  j.version,
  coalesce(j.origin, j.parent ->> 'job') as origin_id,
  coalesce({{schema}}.object_of(j.control) ->> 'parent', j.parent ->> 'job') as parent_id,
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
create or replace view {{schema}}.activities as
select
  a.job_id,
  a.activity_id,
  a.address as dad,
  a.type,
  a.topic,
  case
    when a.open and j.status > 0 then 'open'
    when a.open then 'interrupted'
    when e.error is not null then 'failed'
    else 'completed'
  end as state,
  (
    -- The last attempt has a row too when it failed, and then its error is that of the pass.
    select count(*) + case
      when count(*) = 0 or a.open then 1
      when (array_agg({{schema}}.shown(f.error) ->> 'message' order by f.attempt desc))[1]
        is distinct from e.error ->> 'message' then 1
      else 0
    end
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
  -- err is the text of an object.
  select nullif({{schema}}.shown(coalesce(
    ({{schema}}.object_of(a.metadata) ->> 'err')::json, {{schema}}.object_of(a.metadata) -> 'error'
  )), 'null'::jsonb) as error
) as e
union all
select
  j.id,
  {{schema}}.object_of(o.value) ->> 'activity',
  {{schema}}.object_of(o.value) ->> 'address',
  case {{schema}}.object_of(o.value) ->> 'waits'
    when 'hook' then 'hook'
    when 'child' then 'await'
    else 'worker'
  end,
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
cross join lateral json_each(
  {{schema}}.object_of({{schema}}.object_of({{schema}}.as_columns(j.control)) -> 'open')
) as o
where (j.expire_at is null or j.expire_at > {{schema}}.now_ms())
  and not exists (
    select 1 from {{schema}}.activity as a where a.job_id = j.id and a.activity_id || a.address = o.key
  );
