-- The stream: where workers take work out and bring answers back.

-- Leases due messages of a topic, earliest first. Work of jobs without open obligations is nobody's work.
create function {{schema}}.stream_claim(
  p_topic text, p_limit integer, p_lease_ms bigint, p_holder text, p_now bigint
) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
  set enable_sort = off
as $$
declare
  v_now bigint := coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
  v_keys text[];
  v_leases json := '[]';
  v_next bigint;
begin
  v_keys := array(
    select m.key
    from {{schema}}.message as m
    where m.topic = p_topic
      and not m.held
      and m.parked_reason is null
      and m.dead_lettered_at is null
      and m.visible_at <= v_now
      and (m.lease_until is null or m.lease_until <= v_now)
      and (
        m.job_id is null
        or exists (
          select 1
          from {{schema}}.job as j
          where j.id = m.job_id
            and (m.generation is null or j.generation = m.generation)
            and (j.expire_at is null or j.expire_at > v_now)
            and (j.status > 0 or j.phase in ('pending', 'running'))
        )
      )
    order by m.topic, m.visible_at, m.id
    limit p_limit
    for update of m skip locked
  );
  if cardinality(v_keys) > 0 then
    update {{schema}}.message as m
    set lease_token = gen_random_uuid()::text || ' ' || m.key,
      lease_until = v_now + p_lease_ms,
      lease_holder = p_holder,
      leased_at = v_now,
      deliveries = m.deliveries + 1
    where m.key = any(v_keys);
    select json_agg(row_to_json(l) order by l.visible_at, l.id) into v_leases
    from (
      select m.*, j.plan
      from {{schema}}.message as m
      left join lateral (select j.plan from {{schema}}.job as j where j.id = m.job_id offset 0) as j on true
      where m.key = any(v_keys)
    ) as l;
  end if;

  if cardinality(v_keys) = p_limit then
    -- There may be more, and the caller has no place for it: it looks again when it has.
    v_next := (
      select m.visible_at
      from {{schema}}.message as m
      where m.topic = p_topic
        and not m.held
        and m.parked_reason is null
        and m.dead_lettered_at is null
        and (m.lease_until is null or m.lease_until <= v_now)
      order by m.topic, m.visible_at, m.id
      limit 1
    );
  else
    v_next := (
      select m.visible_at
      from {{schema}}.message as m
      where m.topic = p_topic
        and not m.held
        and m.parked_reason is null
        and m.dead_lettered_at is null
        and m.visible_at > v_now
      order by m.topic, m.visible_at, m.id
      limit 1
    );
  end if;
  v_next := least(v_next, (
    select min(l.lease_until)
    from (
      select m.lease_until
      from {{schema}}.message as m
      where m.topic = p_topic
        and not m.held
        and m.parked_reason is null
        and m.dead_lettered_at is null
        and m.visible_at <= v_now
      order by m.topic, m.visible_at, m.id
      limit 200
    ) as l
    where l.lease_until > v_now
  ));
  return json_build_object('now', v_now, 'leases', v_leases, 'next_due_in', case when v_next is not null then greatest(0, v_next - v_now) end);
end $$;

-- Prolongs leases by message key and token; returns the tokens that are still held.
create function {{schema}}.stream_extend(p_keys text[], p_tokens text[], p_lease_ms bigint, p_now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_now bigint := coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
  v_held text[];
begin
  v_held := array(
    select m.key
    from {{schema}}.message as m
    where m.key = any(p_keys) and m.lease_token = any(p_tokens) and m.lease_until > v_now and not m.held
    order by m.key
    for update
  );
  update {{schema}}.message as m set lease_until = v_now + p_lease_ms where m.key = any(v_held);
  return json_build_object(
    'now', v_now,
    'held', array(select m.lease_token from {{schema}}.message as m where m.key = any(v_held))
  );
end $$;

-- Ends leases. settlements: key, token, kind, error, dead, next_key, body, delay. A lost lease changes nothing.
create function {{schema}}.stream_settle(settlements json, p_now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_now bigint := coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
  v_held text[];
  v_work json;
begin
  v_held := array(
    select m.key
    from {{schema}}.message as m
    where m.key = any(array(select x.key from json_to_recordset(settlements) as x(key text)))
      and m.lease_token = any(array(select x.token from json_to_recordset(settlements) as x(token text)))
      and m.lease_until > v_now
      and not m.held
      and m.parked_reason is null
      and m.dead_lettered_at is null
    order by m.key
    for update
  );
  v_work := (
    select coalesce(json_agg(s.work), '[]')
    from json_array_elements(settlements) as s(work)
    where s.work ->> 'key' = any(v_held)
  );

  perform {{schema}}.attempt_failed(v_work, v_now);
  insert into {{schema}}.message (
    key, topic, kind, job_id, generation, path, body, visible_at, attempt, trace, request, input, created_at
  )
  select x.next_key, null, 'complete', m.job_id, m.generation, m.path, x.body::json, v_now, m.attempt, m.trace, m.key,
    m.body, v_now
  from json_to_recordset(v_work) as x(key text, kind text, next_key text, body text)
  cross join lateral (select * from {{schema}}.message as m where m.key = x.key offset 0) as m
  where x.kind = 'answer'
  on conflict (key) do nothing;
  insert into {{schema}}.message (
    key, topic, kind, job_id, generation, path, body, scheduled_at, visible_at, attempt, max_retry_attempts,
    backoff_coefficient, maximum_interval_seconds, initial_interval_seconds, code_retries, workflow, trace, created_at
  )
  select x.next_key, m.topic, m.kind, m.job_id, m.generation, m.path, m.body, v_now + x.delay, v_now + x.delay,
    m.attempt + 1, m.max_retry_attempts, m.backoff_coefficient, m.maximum_interval_seconds,
    m.initial_interval_seconds, m.code_retries, m.workflow, m.trace, v_now
  from json_to_recordset(v_work) as x(key text, kind text, next_key text, delay bigint)
  cross join lateral (select * from {{schema}}.message as m where m.key = x.key offset 0) as m
  where x.kind = 'retry'
  on conflict (key) do nothing;

  update {{schema}}.message as m
  set dead_lettered_at = v_now, lease_token = null, lease_until = null
  where m.key = any(array(select x.key from json_to_recordset(v_work) as x(key text, dead boolean) where x.dead));
  delete from {{schema}}.message as m
  where m.key = any(array(
    select x.key
    from json_to_recordset(v_work) as x(key text, kind text, dead boolean)
    where x.kind in ('answer', 'retry') and not x.dead
  ));
  update {{schema}}.message as m
  set lease_token = null, lease_until = null, deliveries = m.deliveries - 1, visible_at = v_now + (
    select x.delay from json_to_recordset(v_work) as x(key text, delay bigint) where x.key = m.key
  )
  where m.key = any(array(
    select x.key from json_to_recordset(v_work) as x(key text, kind text) where x.kind = 'release'
  ));
  update {{schema}}.message as m
  set held = true, lease_token = null, lease_until = null
  where m.key = any(array(
    select x.key from json_to_recordset(v_work) as x(key text, kind text) where x.kind = 'hold'
  ));
  return json_build_object('now', v_now, 'held', v_held);
end $$;

create function {{schema}}.stream_send(messages json, p_now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_now bigint := coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
begin
  return json_build_object('now', v_now, 'stored', {{schema}}.message_put(messages, v_now));
end $$;

-- Deletes what has expired, in small batches, and leaves alone whatever a step is busy with.
create function {{schema}}.sweep(p_limit integer, p_now bigint) returns integer
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_now bigint := coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
  v_clock bigint := floor(extract(epoch from clock_timestamp()) * 1000)::bigint;
  v_jobs text[];
  v_signals integer;
begin
  v_jobs := array(
    select c.id
    from (
      select j.id
      from {{schema}}.job as j
      where j.expire_at is not null and j.expire_at <= v_now
      order by j.expire_at
      limit p_limit
    ) as c
    where pg_try_advisory_xact_lock(hashtextextended({{name}} || ' job ' || c.id, 0))
  );
  -- Again, under the locks: a job may have come back to life since.
  v_jobs := array(select j.id from {{schema}}.job as j where j.id = any(v_jobs) and j.expire_at <= v_now);
  perform {{schema}}.job_remove(v_jobs);
  delete from {{schema}}.signal as g
  where g.lookup = any(array(
    select s.lookup
    from {{schema}}.signal as s
    where s.keep_until <= v_now
    order by s.keep_until
    limit greatest(0, p_limit - cardinality(v_jobs))
    for update skip locked
  ));
  get diagnostics v_signals = row_count;
  delete from {{schema}}.notice as n
  where n.id = any(array(
    select o.id
    from {{schema}}.notice as o
    where o.expires_at <= v_clock
    order by o.expires_at
    limit p_limit
    for update skip locked
  ));
  -- Attempts that belong to no job would otherwise stay for ever: a week is time enough to look at them.
  delete from {{schema}}.failed_attempt as f
  where f.key = any(array(
    select o.key
    from {{schema}}.failed_attempt as o
    where o.job_id is null and o.failed_at <= v_now - 604800000
    order by o.failed_at
    limit p_limit
    for update skip locked
  ));
  return cardinality(v_jobs) + v_signals;
end $$;
