-- What people read of a job in full: which attempts its passes took, and each stored value as getRaw gives it. And the
-- removal of one job by hand.

-- Which attempt of its request a pass was answered by, and when that was handed out.
alter table {{schema}}.activity add column attempt integer, add column leased_at bigint;

-- Ends leases. settlements: key, token, kind, error, dead, next_key, body, delay. A lost lease changes nothing.
create or replace function {{schema}}.stream_settle(settlements json, p_now bigint) returns json
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
    key, topic, kind, job_id, generation, path, body, visible_at, attempt, trace, request, input, leased_at,
    created_at
  )
  select x.next_key, null, 'complete', m.job_id, m.generation, m.path, x.body::json, v_now, m.attempt, m.trace, m.key,
    m.body, m.leased_at, v_now
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

-- Checks everything the decision relied on, then writes it. Refuses with ok = false before the first write.
-- strict: nothing was locked or read before, the decision was made on what a process remembered.
create or replace function {{schema}}.step_commit(request json) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  r record;
  v_now bigint;
  v_clock bigint := floor(extract(epoch from clock_timestamp()) * 1000)::bigint;
  v_batch text[];
  v_doomed text[];
  v_count bigint;
  v_stored text[] := '{}';
  v_delivered integer := 0;
begin
  select * into r from json_to_record(request) as x(
    now bigint, clock boolean, locks text[], expect json, epoch bigint,
    jobs json, passes json, consumed text[], parked json, spared text[], answer_keys text[], answer_tokens text[],
    answers json,
    cancel_keys text[], cancel_jobs text[], cancel_path_jobs text[], cancel_paths text[],
    closed_jobs text[], closed_path_jobs text[], closed_paths text[], opened json, signals json,
    sends json, counters json, counters_dropped json, escalations_opened json, escalations_closed json, next_due boolean
  );
  v_now := r.now;
  if r.clock and abs(v_clock - v_now) > 250 then
    return json_build_object('ok', false, 'reason', 'clock', 'now', v_clock);
  end if;

  select count(*) into v_count
  from (
    select distinct hashtextextended({{name}} || ' job ' || j.id, 0) as key
    from unnest(r.locks) as j(id)
    order by 1
  ) as l
  where not pg_try_advisory_xact_lock(l.key);
  if v_count > 0 then
    return json_build_object('ok', false, 'reason', 'busy', 'now', v_clock);
  end if;

  if r.epoch is not null then
    perform pg_advisory_xact_lock_shared(hashtextextended({{name}} || ' activation', 0));
    perform 1 from {{schema}}.app as a where a.one and a.epoch = r.epoch;
    if not found then
      return json_build_object('ok', false, 'reason', 'superseded', 'now', v_clock);
    end if;
  end if;

  select count(*) into v_count
  from json_to_recordset(r.expect) as x(id text, generation text, revision bigint)
  left join lateral (
    select j.generation, j.revision
    from {{schema}}.job as j
    where j.id = x.id and (j.expire_at is null or j.expire_at > v_now)
    offset 0
  ) as j on true
  where j.revision is distinct from x.revision or j.generation is distinct from x.generation;
  if v_count > 0 then
    return json_build_object('ok', false, 'reason', 'revision', 'now', v_clock);
  end if;

  if r.escalations_opened is not null
    and {{schema}}.escalations_taken(r.escalations_opened, coalesce(r.escalations_closed, '[]'))
  then
    return json_build_object('ok', false, 'reason', 'escalation', 'now', v_clock);
  end if;

  -- Whoever deletes several messages locks them in the order of their keys.
  v_batch := r.consumed || r.answer_keys;
  v_doomed := v_batch || r.cancel_keys;
  if cardinality(r.cancel_jobs) > 0 or cardinality(r.cancel_path_jobs) > 0 then
    v_doomed := v_doomed || array(
      select m.key
      from {{schema}}.message as m
      where m.job_id = any(r.cancel_jobs || r.cancel_path_jobs)
        and (
          m.job_id = any(r.cancel_jobs)
          or m.path || chr(31) || m.job_id = any(
            array(select u.path || chr(31) || u.job from unnest(r.cancel_path_jobs, r.cancel_paths) as u(job, path))
          )
        )
    );
  end if;
  if cardinality(v_doomed) > 0 then
    perform 1 from {{schema}}.message as m where m.key = any(v_doomed) order by m.key for update;
    select count(*) into v_count
    from unnest(r.consumed) as c(key)
    cross join lateral (
      select m.topic, m.parked_reason from {{schema}}.message as m where m.key = c.key offset 0
    ) as m
    where m.topic is null and m.parked_reason is null;
    if v_count <> cardinality(r.consumed) then
      return json_build_object('ok', false, 'reason', 'consumed', 'now', v_clock);
    end if;
    select count(*) into v_count
    from {{schema}}.message as m
    where m.key = any(r.answer_keys)
      and m.lease_token = any(r.answer_tokens)
      and m.lease_until > v_now
      and not m.held
      and m.parked_reason is null
      and m.dead_lettered_at is null;
    if v_count <> cardinality(r.answer_keys) then
      return json_build_object('ok', false, 'reason', 'lease', 'now', v_clock);
    end if;
  end if;

  if r.jobs is not null then
    -- A row under an id that was expected to be free has expired.
    perform {{schema}}.escalations_cancel(g.ids, v_now), {{schema}}.job_remove(g.ids)
    from (
      select array_agg(j.id) as ids
      from {{schema}}.job as j
      where j.id = any(
        array(select x.id from json_to_recordset(r.jobs) as x(id text, revision bigint) where x.revision = 1)
      )
    ) as g
    where g.ids is not null;
    insert into {{schema}}.job (
      id, generation, revision, plan, topic, version, phase, status, control, data, fields, failure, key, entity,
      parent, origin, waiter, trace, created_at, updated_at, expire_at
    )
    select x.id, x.generation, x.revision, x.plan, x.topic, x.version, x.phase, x.status, x.control::json,
      x.data::json, x.fields::json, x.failure::json, x.key, x.entity, x.parent::json, x.origin, x.waiter, x.trace,
      x.created_at, x.updated_at, x.expire_at
    from json_to_recordset(r.jobs) as x(
      id text, generation text, revision bigint, plan text, topic text, version text, phase text, status bigint,
      control text, data text, fields text, failure text, key text, entity text, parent text, origin text,
      waiter text, trace text, created_at bigint, updated_at bigint, expire_at bigint
    )
    on conflict (id) do update set
      generation = excluded.generation,
      revision = excluded.revision,
      plan = excluded.plan,
      topic = excluded.topic,
      version = excluded.version,
      phase = excluded.phase,
      status = excluded.status,
      control = excluded.control,
      data = excluded.data,
      fields = excluded.fields,
      failure = excluded.failure,
      key = excluded.key,
      entity = excluded.entity,
      parent = excluded.parent,
      origin = excluded.origin,
      waiter = excluded.waiter,
      trace = excluded.trace,
      created_at = excluded.created_at,
      updated_at = excluded.updated_at,
      expire_at = excluded.expire_at;
  end if;

  if r.passes is not null then
    insert into {{schema}}.activity as a (
      job_id, activity_id, address, generation, type, topic, open, output, hook, metadata, input, started_at,
      completed_at, attempt, leased_at
    )
    select x.job_id, x.activity_id, x.address, x.generation, x.type, x.topic, x.open, x.output::json, x.hook::json,
      x.metadata::json, coalesce(request.body, answer.input, x.input::json), x.started_at,
      x.completed_at, coalesce(request.attempt, answer.attempt), coalesce(request.leased_at, answer.leased_at)
    from json_to_recordset(r.passes) as x(
      job_id text, activity_id text, address text, generation text, type text, topic text, open boolean, output text,
      hook text, metadata text, input text, input_of text, answered_by text, started_at bigint,
      completed_at bigint
    )
    left join lateral (
      select m.body, m.attempt, m.leased_at from {{schema}}.message as m where m.key = x.input_of offset 0
    ) as request on true
    left join lateral (
      select m.input, m.attempt, m.leased_at from {{schema}}.message as m where m.key = x.answered_by offset 0
    ) as answer on true
    on conflict (job_id, activity_id, address) do update set
      generation = excluded.generation,
      type = excluded.type,
      topic = excluded.topic,
      open = excluded.open,
      output = excluded.output,
      hook = excluded.hook,
      metadata = excluded.metadata,
      input = coalesce(excluded.input, a.input),
      started_at = excluded.started_at,
      completed_at = excluded.completed_at,
      attempt = coalesce(excluded.attempt, a.attempt),
      leased_at = coalesce(excluded.leased_at, a.leased_at);
  end if;

  if r.answers is not null then
    perform {{schema}}.attempt_failed(r.answers, v_now);
    update {{schema}}.message as m
    set dead_lettered_at = v_now, lease_token = null, lease_until = null
    where m.key = any(array(select x.key from json_to_recordset(r.answers) as x(key text, dead boolean) where x.dead));
  end if;
  if r.parked is not null then
    update {{schema}}.message as m
    set parked_reason = p.reason, lease_token = null, lease_until = null
    from (
      select x.key, x.reason from json_to_recordset(r.parked) as x(key text, reason text)
    ) as p
    where m.key = p.key and m.key = any(array(select x.key from json_to_recordset(r.parked) as x(key text)));
  end if;
  if cardinality(v_doomed) > 0 then
    delete from {{schema}}.message as m
    where m.key = any(v_doomed)
      and m.dead_lettered_at is null
      and not m.key = any(r.spared);
  end if;

  if cardinality(r.closed_jobs) > 0 or cardinality(r.closed_path_jobs) > 0 then
    delete from {{schema}}.hook as h
    where h.job_id = any(r.closed_jobs || r.closed_path_jobs)
      and (
        h.job_id = any(r.closed_jobs)
        or h.path || chr(31) || h.job_id = any(
          array(select u.path || chr(31) || u.job from unnest(r.closed_path_jobs, r.closed_paths) as u(job, path))
        )
      );
  end if;
  if r.opened is not null or r.signals is not null then
    v_delivered := {{schema}}.signal_match(coalesce(r.opened, '[]'), coalesce(r.signals, '[]'), v_now);
  end if;

  if r.sends is not null then
    v_stored := {{schema}}.message_put(r.sends, v_now);
  end if;
  if r.counters_dropped is not null then
    perform {{schema}}.counters_drop(r.counters_dropped);
  end if;
  if r.counters is not null then
    insert into {{schema}}.counter as c (name, slice, field, value)
    select x.name, x.slice, x.field, sum(x.add)
    from json_to_recordset(r.counters) as x(name text, slice text, field text, add double precision)
    group by x.name, x.slice, x.field
    order by x.name, x.slice, x.field
    on conflict (name, slice, field) do update set value = c.value + excluded.value;
  end if;
  if r.escalations_opened is not null or r.escalations_closed is not null then
    perform {{schema}}.escalations_write(
      coalesce(r.escalations_opened, '[]'), coalesce(r.escalations_closed, '[]'), v_now
    );
  end if;

  return json_build_object(
    'ok', true,
    'now', v_clock,
    'stored', v_stored,
    'delivered', v_delivered,
    'next_due', case when r.next_due is not null then {{schema}}.next_due(v_now, r.next_due) end
  );
end $$;

-- Removes a job in whatever state, and messages that are about whichever job has its id. It waits for a step that works
-- on it, and the next one finds no job. p_generation: only that incarnation.
create function {{schema}}.job_scrub(p_id text, p_generation text, p_now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_now bigint := coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
begin
  perform pg_advisory_xact_lock(hashtextextended({{name}} || ' job ' || p_id, 0));
  perform 1
  from {{schema}}.job as j
  where j.id = p_id and (p_generation is null or j.generation = p_generation);
  if not found then
    return 'false';
  end if;
  -- Whoever deletes several messages locks them in the order of their keys.
  perform 1 from {{schema}}.message as m where m.job_id = p_id order by m.key for update;
  perform {{schema}}.escalations_cancel(array[p_id], v_now);
  perform {{schema}}.job_remove(array[p_id]);
  delete from {{schema}}.message as m where m.job_id = p_id and m.generation is null;
  return 'true';
end $$;

-- Every execution of a live job's worker messages: those that failed, those that passes were answered by, and those
-- under way. An answer with an error has left a failed attempt.
create function {{schema}}.attempts_of(p_job text, p_generation text, p_now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_now bigint := coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
begin
  perform 1
  from {{schema}}.job as j
  where j.id = p_job and j.generation = p_generation and (j.expire_at is null or j.expire_at > v_now);
  if not found then
    return '[]';
  end if;
  return (
    select coalesce(json_agg(row_to_json(t) order by t.started_at, t.path collate "C", t.attempt), '[]')
    from (
      select f.path, f.attempt, 'failed' as outcome, f.body as input, f.error as failure,
        coalesce(f.leased_at, f.visible_at) as started_at, f.failed_at as ended_at
      from {{schema}}.failed_attempt as f
      where f.job_id = p_job and f.generation = p_generation and f.path is not null
      union all
      select a.activity_id || a.address, a.attempt, 'answered', a.input, null, a.leased_at, a.completed_at
      from {{schema}}.activity as a
      where a.job_id = p_job
        and a.generation = p_generation
        and a.leased_at is not null
        and (
          select f.key
          from {{schema}}.failed_attempt as f
          where f.job_id = p_job
            and f.generation = p_generation
            and f.path = a.activity_id || a.address
            and f.attempt = a.attempt
          limit 1
        ) is null
      union all
      select m.path, m.attempt, 'open', m.body, null, m.leased_at, null
      from {{schema}}.message as m
      where m.job_id = p_job
        and m.generation = p_generation
        and m.path is not null
        and m.topic is not null
        and m.leased_at is not null
        and m.parked_reason is null
        and m.dead_lettered_at is null
        and (m.held or m.lease_until > v_now)
    ) as t
  );
end $$;

-- A Date that is stored as milliseconds, in the form that JavaScript gives it; null: it is none.
create function {{schema}}.date_text(ms json) returns text
language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- The calendar repeats itself after 400 years, and Postgres does not reach back as far as JavaScript does.
  v_turn constant bigint := 146097::bigint * 86400000;
  v_ms bigint;
  v_turns integer;
  v_at timestamp;
  v_year integer;
begin
  if ms is null or json_typeof(ms) <> 'number' or abs(ms::text::numeric) > 8640000000000000 then
    return null;
  end if;
  v_ms := trunc(ms::text::numeric);
  v_turns := floor(v_ms::numeric / v_turn);
  v_at := timestamp 'epoch' + (v_ms - v_turns * v_turn)::double precision * interval '1 millisecond';
  v_year := extract(year from v_at)::integer + v_turns * 400;
  return case
    when v_year between 0 and 9999 then lpad(v_year::text, 4, '0')
    else case when v_year < 0 then '-' else '+' end || lpad(abs(v_year)::text, 6, '0')
  end || to_char(v_at, '-MM-DD"T"HH24:MI:SS.MS"Z"');
end $$;

-- A stored value as one text, whose beginning tells its type. Dates, NaN and the infinities are stored as tagged maps.
create or replace function {{schema}}.value_text(value json) returns text
language sql immutable
return case json_typeof(value)
  when 'string' then {{schema}}.tagged_text(value #>> '{}')
  when 'boolean' then case when value::text = 'true' then '/t' else '/f' end
  when 'number' then '/d' || value::text
  when 'object' then case {{schema}}.object_of(value) ->> '$hotmesh'
    when 'date' then coalesce({{schema}}.date_text(value -> 'v'), '/n')
    when 'number' then '/n'
    when 'map' then '/s' || coalesce(value -> 'v', value)::text
    else '/s' || value::text
  end
  when 'array' then '/s' || value::text
  else '/n'
end;

-- The metadata of a job as getState gives it, one row for each key that the job has.
create function {{schema}}.job_metadata(j {{schema}}.job) returns table (key text, value json)
language sql immutable
as $$
  select m.key, m.value
  from (
    select {{schema}}.object_of({{schema}}.readable(j.control)) as control,
      {{schema}}.object_of({{schema}}.readable(j.parent)) as parent
  ) as o
  cross join lateral (
    values
      ('tpc', to_json(j.topic)),
      ('app', o.control -> 'app'),
      ('vrs', to_json(j.version)),
      ('jid', case when o.control ->> 'numericId' = 'true' then j.id::json else to_json(j.id) end),
      ('gid', to_json(j.generation)),
      ('aid', o.control -> 'trigger'),
      ('ts', o.control -> 'slice'),
      ('jc', to_json(to_char({{schema}}.instant_of(j.created_at) at time zone 'UTC', 'YYYYMMDDHH24MISS.MS'))),
      ('ju', to_json(to_char({{schema}}.instant_of(j.updated_at) at time zone 'UTC', 'YYYYMMDDHH24MISS.MS'))),
      ('js', to_json(j.status)),
      ('state', to_json(j.phase)),
      ('key', to_json(nullif(j.key, ''))),
      ('persistent', o.control -> 'persistent'),
      ('pj', o.parent -> 'job'),
      ('pg', o.parent -> 'generation'),
      ('pd', to_json(substr(o.parent ->> 'path', strpos(o.parent ->> 'path', ',')))),
      ('pa', to_json(split_part(o.parent ->> 'path', ',', 1))),
      ('px', case when o.parent ->> 'awaits' = 'false' then 'true'::json end),
      ('ngn', to_json(j.waiter)),
      ('trc', to_json(j.trace)),
      ('err', to_json(j.failure::text))
  ) as m(key, value)
$$;

-- The stored values of live jobs, one each. symbol and dimension together are the keys of getRaw.
create or replace view {{schema}}.jobs_attributes as
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
  union all
  select l.path, l.value, 'other'
  from {{schema}}.job_metadata(j) as m
  cross join lateral {{schema}}.leaves(m.value, 'metadata/' || m.key) as l
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
  select l.path, l.value
  from (
    values
      ('/output/metadata', a.metadata),
      ('/input/data', a.input),
      ('/output/data', a.output),
      ('/hook/data', a.hook)
  ) as d(place, document)
  cross join lateral {{schema}}.leaves(d.document, a.activity_id || d.place) as l
) as l;
