-- The functions of a step. Each SQL statement of a volatile function takes its own snapshot under READ COMMITTED, so
-- what is read after a lock was granted is never stale. The settings on each function pin its plans: a queue table
-- that was analysed while it was empty would otherwise be scanned from end to end when it is full.
-- Joins are written as lateral subqueries with offset 0, which leaves the planner one order to run them in; so are
-- conditions that would make a partial index fit, and a scalar subquery stands where not exists would become a join.

-- The active version; the caller keeps it from moving until its transaction ends.
create function {{schema}}.activation_shared() returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended({{name}} || ' activation', 0));
  return (
    select json_build_object('version', a.version, 'plan', a.plan, 'epoch', a.epoch)
    from {{schema}}.app as a
    where a.one and a.version is not null
  );
end $$;

-- Passes by their keys, and at most two passes with data of each range. Only of live jobs.
create function {{schema}}.step_passes(keys json, ranges json, now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
begin
  return (
    select coalesce(json_agg(found.pass), '[]')
    from (
      select p.pass, p.job_id
      from json_to_recordset(keys) as k(job text, activity text, address text)
      cross join lateral (
        select row_to_json(a) as pass, a.job_id
        from {{schema}}.activity as a
        where a.job_id = k.job and a.activity_id = k.activity and a.address = k.address
        offset 0
      ) as p
      union all
      select p.pass, p.job_id
      from json_to_recordset(ranges) as r(job text, activity text, under text)
      cross join lateral (
        (
          select row_to_json(a) as pass, a.job_id
          from {{schema}}.activity as a
          where a.job_id = r.job
            and a.activity_id = r.activity
            and a.address = r.under
            and (a.output::text <> 'null' or a.hook::text <> 'null')
        )
        union all
        (
          -- A comma is followed by a minus sign in ASCII: everything below the address, and nothing else.
          select row_to_json(a) as pass, a.job_id
          from {{schema}}.activity as a
          where a.job_id = r.job
            and a.activity_id = r.activity
            and a.address > r.under || ','
            and a.address < r.under || '-'
            and (a.output::text <> 'null' or a.hook::text <> 'null')
          order by a.job_id, a.activity_id, a.address
          limit 2
        )
        limit 2
      ) as p
    ) as found
    cross join lateral (
      select 1
      from {{schema}}.job as j
      where j.id = found.job_id and (j.expire_at is null or j.expire_at > step_passes.now)
      offset 0
    ) as live
  );
end $$;

-- When the engine stream has work again. full: a claim stopped at its limit, so that what is due now counts. Otherwise
-- whatever is due was left to others, or lies behind a parked message.
create function {{schema}}.next_due(now bigint, "full" boolean) returns bigint
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
  set enable_sort = off
as $$
begin
  return (
    select m.visible_at
    from {{schema}}.message as m
    where m.topic is null
      and m.parked_reason is null
      and m.visible_at > case when next_due.full then -1 else next_due.now end
    order by m.visible_at, m.id
    limit 1
  );
end $$;

-- Is there anything to claim? One statement for an engine that has nothing to do.
create function {{schema}}.step_peek(now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_now bigint := coalesce(now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
  v_first bigint := {{schema}}.next_due(v_now, true);
begin
  return json_build_object('now', v_now, 'next_due', v_first);
end $$;

-- Opens a step: locks the jobs of what the caller brought, claims due engine messages of jobs nobody works on, and then
-- reads. request: now, jobs, limit, answer_keys, answer_tokens, activation, passes, ranges.
create function {{schema}}.step_open(request json) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
  set enable_sort = off
as $$
declare
  r record;
  candidate record;
  v_now bigint;
  v_jobs text[] := '{}';
  v_loose text[] := '{}';
  v_answers text[] := '{}';
  v_taken integer := 0;
  v_full boolean := false;
  v_messages json := '[]';
  v_records json;
  v_activation json;
begin
  select * into r from json_to_record(request) as x(
    now bigint, jobs text[], "limit" integer, per_job integer, answer_keys text[], answer_tokens text[],
    activation boolean, passes json, ranges json
  );

  perform pg_advisory_xact_lock(l.key)
  from (
    select distinct hashtextextended({{name}} || ' job ' || j.id, 0) as key
    from unnest(r.jobs) as j(id)
    order by 1
  ) as l;
  if r.activation then
    v_activation := {{schema}}.activation_shared();
  end if;
  v_now := coalesce(r.now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);

  if r.limit > 0 then
    for candidate in
      select m.key, m.job_id
      from {{schema}}.message as m
      where m.topic is null
        and m.parked_reason is null
        and m.visible_at <= v_now
        and (
          select p.key
          from {{schema}}.message as p
          where p.job_id = m.job_id and p.parked_reason is not null
          limit 1
        ) is null
      order by m.visible_at, m.id
      limit 5000
    loop
      continue when candidate.job_id = any(v_jobs);
      if v_taken >= r.limit then
        v_full := true;
        exit;
      end if;
      if candidate.job_id is null then
        continue when not pg_try_advisory_xact_lock(hashtextextended({{name}} || ' message ' || candidate.key, 0));
        v_loose := v_loose || candidate.key;
      else
        continue when not pg_try_advisory_xact_lock(hashtextextended({{name}} || ' job ' || candidate.job_id, 0));
        v_jobs := v_jobs || candidate.job_id;
      end if;
      v_taken := v_taken + 1;
    end loop;
  end if;

  if cardinality(r.answer_keys) > 0 then
    v_answers := array(
      select m.key
      from {{schema}}.message as m
      where m.key = any(r.answer_keys)
        and m.lease_token = any(r.answer_tokens)
        and m.lease_until > v_now
        and not m.held
        and m.parked_reason is null
        and m.dead_lettered_at is null
      order by m.key
      for update
    );
  end if;

  if v_taken > 0 then
    select coalesce(json_agg(row_to_json(d) order by d.visible_at, d.id), '[]') into v_messages
    from (
      select due.*
      from unnest(v_jobs) as j(id)
      cross join lateral (
        select m.id, m.key, m.kind, m.job_id, m.generation, m.path, m.body, m.scheduled_at, m.visible_at, m.attempt,
          m.max_retry_attempts, m.backoff_coefficient, m.maximum_interval_seconds, m.initial_interval_seconds,
          m.code_retries, m.workflow, m.trace, m.request
        from {{schema}}.message as m
        where m.job_id = j.id and m.topic is null and m.parked_reason is null and m.visible_at <= v_now
        order by m.job_id, m.visible_at, m.id
        limit r.per_job
      ) as due
      where (
        select p.key
        from {{schema}}.message as p
        where p.job_id = j.id and p.parked_reason is not null
        limit 1
      ) is null
      union all
      select loose.id, loose.key, loose.kind, loose.job_id, loose.generation, loose.path, loose.body, loose.scheduled_at,
        loose.visible_at, loose.attempt, loose.max_retry_attempts, loose.backoff_coefficient,
        loose.maximum_interval_seconds, loose.initial_interval_seconds, loose.code_retries, loose.workflow, loose.trace,
        loose.request
      from unnest(v_loose) as l(key)
      cross join lateral (select * from {{schema}}.message as m where m.key = l.key offset 0) as loose
      where loose.topic is null and loose.parked_reason is null and loose.visible_at <= v_now
    ) as d;
  end if;

  select coalesce(json_agg(row_to_json(j)), '[]') into v_records
  from {{schema}}.job as j
  where j.id = any(v_jobs || r.jobs) and (j.expire_at is null or j.expire_at > v_now);

  return json_build_object(
    'now', v_now,
    'full', v_full,
    'answers', v_answers,
    'messages', v_messages,
    'jobs', v_records,
    'activation', v_activation,
    'passes', case when r.passes is null then null else {{schema}}.step_passes(r.passes, r.ranges, v_now) end,
    'next_due', case when v_taken = 0 and r.limit > 0 then {{schema}}.next_due(v_now, false) end
  );
end $$;

-- What a program asks for once it has seen the messages. Runs under the locks of step_open.
create function {{schema}}.step_read(request json) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  r record;
begin
  select * into r from json_to_record(request) as x(now bigint, activation boolean, passes json, ranges json);
  return json_build_object(
    'passes', {{schema}}.step_passes(r.passes, r.ranges, r.now),
    'activation', case when r.activation then {{schema}}.activation_shared() end
  );
end $$;
