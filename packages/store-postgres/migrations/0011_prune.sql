-- Pruning by hand, or by a scheduler such as pg_cron. What has expired is deleted in the background anyway; this is for
-- what is kept beyond that: finished jobs without an expiry, their attempts, and dead letters.

alter table {{schema}}.job add column pruned_at bigint;

create or replace view {{schema}}.jobs as
select
  j.id,
  {{prefix}} || 'j:' || j.id as key,
  j.topic,
  j.entity,
  j.phase as state,
  j.status,
  j.version,
  coalesce(j.origin, {{schema}}.as_columns(j.parent) ->> 'job') as origin_id,
  coalesce(
    {{schema}}.object_of({{schema}}.as_columns(j.control)) ->> 'parent', {{schema}}.as_columns(j.parent) ->> 'job'
  ) as parent_id,
  {{schema}}.shown(j.data) as context,
  {{schema}}.shown(j.failure) as error,
  {{schema}}.instant_of(j.created_at) as created_at,
  {{schema}}.instant_of(j.updated_at) as updated_at,
  {{schema}}.instant_of(j.expire_at) as expired_at,
  {{schema}}.instant_of(j.pruned_at) as pruned_at,
  true as is_live
from {{schema}}.job as j
where j.expire_at is null or j.expire_at > {{schema}}.now_ms();

-- Nobody works on it and nothing can wake it. A job that waits has a status above 0, and a pending one below.
create function {{schema}}.is_finished(phase text, status bigint) returns boolean
language sql immutable
return phase not in ('pending', 'running') and status <= 0;

-- Locks those of these jobs that no step is busy with, and returns them.
create function {{schema}}.jobs_locked(ids text[]) returns text[]
language sql volatile
  set search_path = pg_catalog, pg_temp
as $$
  select array(
    select j.id
    from unnest(ids) as j(id)
    where pg_try_advisory_xact_lock(hashtextextended({{name}} || ' job ' || j.id, 0))
  )
$$;

-- Expired for so long; or, of jobs that have no expiry, finished for so long.
create function {{schema}}.is_prunable(job {{schema}}.job, before bigint, kept boolean) returns boolean
language sql stable
return case
  when job.expire_at is not null then job.expire_at <= before and job.status <= 0
  else kept and job.updated_at <= before and {{schema}}.is_finished(job.phase, job.status)
end;

-- Jobs without a label are spared when labels are asked for, unless they are asked for as well.
create function {{schema}}.is_meant(label text, jobs boolean, entities text[], prune_transient boolean) returns boolean
language sql immutable
return case
  when label is null then (jobs and entities is null) or prune_transient
  else jobs and (entities is null or label = any(entities))
end;

-- Deletes attempts of jobs that have finished or are gone, and what was put aside for people to see.
create function {{schema}}.streams_prune(of_engine boolean, before bigint) returns bigint
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_attempts bigint;
  v_messages bigint;
begin
  delete from {{schema}}.failed_attempt as f
  where (f.topic is null) = of_engine
    and f.failed_at <= before
    and not exists (
      select 1 from {{schema}}.job as j where j.id = f.job_id and not {{schema}}.is_finished(j.phase, j.status)
    );
  get diagnostics v_attempts = row_count;
  delete from {{schema}}.message as m
  where (m.topic is null) = of_engine
    and (m.parked_reason is not null or m.dead_lettered_at is not null)
    and coalesce(m.dead_lettered_at, m.created_at) <= before
    and not exists (
      select 1 from {{schema}}.job as j where j.id = m.job_id and not {{schema}}.is_finished(j.phase, j.status)
    );
  get diagnostics v_messages = row_count;
  return v_attempts + v_messages;
end $$;

-- At most 1000 jobs are deleted and 1000 stripped in one call: each takes a lock, and locks are few. Whoever wants all
-- of them calls until jobs, transient and marked are 0. The other parts are done as a whole.
create function {{schema}}.prune(
  expire interval default '7 days',
  jobs boolean default true,
  streams boolean default true,
  attributes boolean default false,
  keep_hmark boolean default false,
  entities text[] default null,
  prune_transient boolean default false,
  signals boolean default true,
  kept boolean default false,
  engine_streams boolean default null,
  worker_streams boolean default null,
  engine_streams_expire interval default null,
  worker_streams_expire interval default null
) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_now bigint := floor(extract(epoch from clock_timestamp()) * 1000)::bigint;
  v_before bigint := v_now - floor(extract(epoch from expire) * 1000)::bigint;
  v_ids text[];
  v_jobs bigint := 0;
  v_transient bigint := 0;
  v_engine bigint := 0;
  v_worker bigint := 0;
  v_attributes bigint := 0;
  v_marked bigint := 0;
  v_signals bigint := 0;
begin
  if expire is null or v_before > v_now then
    raise exception 'expire is %; expected an interval that is not negative', coalesce(expire::text, 'null')
      using errcode = 'invalid_parameter_value';
  end if;

  v_ids := {{schema}}.jobs_locked(array(
    select j.id
    from {{schema}}.job as j
    where {{schema}}.is_prunable(j, v_before, prune.kept)
      and {{schema}}.is_meant(j.entity, prune.jobs, prune.entities, prune.prune_transient)
    order by j.expire_at nulls last, j.id
    limit 1000
  ));
  -- Again, under the locks: a job may have come back to life since.
  select array_agg(j.id), count(*) filter (where j.entity is not null or (prune.jobs and prune.entities is null)),
    count(*) filter (where j.entity is null and not (prune.jobs and prune.entities is null))
  into v_ids, v_jobs, v_transient
  from {{schema}}.job as j
  where j.id = any(v_ids) and {{schema}}.is_prunable(j, v_before, prune.kept);
  perform {{schema}}.job_remove(coalesce(v_ids, '{}'));

  if attributes then
    v_ids := {{schema}}.jobs_locked(array(
      select j.id
      from {{schema}}.job as j
      where j.pruned_at is null
        and {{schema}}.is_finished(j.phase, j.status)
        and j.updated_at <= v_before
        and (prune.entities is null or j.entity = any(prune.entities))
      order by j.id
      limit 1000
    ));
    update {{schema}}.job as j
    set pruned_at = v_now
    where j.id = any(v_ids) and j.pruned_at is null and {{schema}}.is_finished(j.phase, j.status);
    get diagnostics v_marked = row_count;
    delete from {{schema}}.activity as a
    using {{schema}}.job as j
    where a.job_id = any(v_ids)
      and j.id = a.job_id
      and j.pruned_at = v_now
      and not (prune.keep_hmark and a.type = 'hook');
    get diagnostics v_attributes = row_count;
  end if;

  if coalesce(engine_streams, streams) then
    v_engine := {{schema}}.streams_prune(true, v_now - floor(
      extract(epoch from coalesce(engine_streams_expire, expire)) * 1000
    )::bigint);
  end if;
  if coalesce(worker_streams, streams) then
    v_worker := {{schema}}.streams_prune(false, v_now - floor(
      extract(epoch from coalesce(worker_streams_expire, expire)) * 1000
    )::bigint);
  end if;

  -- Early signals only. An open wait is a hook, and goes with its job.
  if signals then
    delete from {{schema}}.signal as g where g.keep_until <= v_before;
    get diagnostics v_signals = row_count;
  end if;

  return json_build_object(
    'jobs', v_jobs, 'streams', v_engine + v_worker, 'engineStreams', v_engine, 'workerStreams', v_worker,
    'attributes', v_attributes, 'transient', v_transient, 'marked', v_marked, 'signals', v_signals
  );
end $$;

comment on function {{schema}}.prune(
  interval, boolean, boolean, boolean, boolean, text[], boolean, boolean, boolean, boolean, boolean, interval, interval
) is 'Deletes what has expired or finished for longer than expire, and counts it. Never a job that has not finished. At most 1000 jobs a call.';
revoke execute on function {{schema}}.prune(
  interval, boolean, boolean, boolean, boolean, text[], boolean, boolean, boolean, boolean, boolean, interval, interval
), {{schema}}.streams_prune(boolean, bigint), {{schema}}.jobs_locked(text[]) from public;
