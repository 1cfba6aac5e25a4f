-- What a step writes, and what the stream shares with it.

-- Stores messages; a key that is there already is left alone. Returns the keys that were stored.
create function {{schema}}.message_put(messages json, now bigint) returns text[]
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_stored text[];
begin
  with stored as (
    insert into {{schema}}.message (
      key, topic, kind, job_id, generation, path, body, scheduled_at, visible_at, attempt,
      max_retry_attempts, backoff_coefficient, maximum_interval_seconds, initial_interval_seconds, code_retries,
      workflow, trace, lease_token, lease_until, lease_holder, leased_at, deliveries, created_at
    )
    select x.key, x.topic, x.kind, x.job_id, x.generation, x.path, x.body::json, x.scheduled_at,
      greatest(x.scheduled_at, message_put.now), x.attempt, x.max_retry_attempts, x.backoff_coefficient,
      x.maximum_interval_seconds, x.initial_interval_seconds, x.code_retries::json, x.workflow, x.trace,
      x.lease_token, x.lease_until, x.lease_holder, case when x.lease_token is not null then message_put.now end,
      case when x.lease_token is null then 0 else 1 end, message_put.now
    from json_to_recordset(messages) as x(
      key text, topic text, kind text, job_id text, generation text, path text, body text, scheduled_at bigint,
      attempt integer, max_retry_attempts integer, backoff_coefficient double precision,
      maximum_interval_seconds double precision, initial_interval_seconds double precision, code_retries text,
      workflow text, trace text, lease_token text, lease_until bigint, lease_holder text
    )
    on conflict (key) do nothing
    returning key
  )
  select coalesce(array_agg(s.key), '{}') into v_stored from stored as s;
  return v_stored;
end $$;

-- Leaves a row for each failed attempt. failures: key, error.
create function {{schema}}.attempt_failed(failures json, now bigint) returns void
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
begin
  insert into {{schema}}.failed_attempt (
    key, topic, kind, job_id, generation, path, body, error, attempt, max_retry_attempts, backoff_coefficient,
    maximum_interval_seconds, workflow, created_at, visible_at, leased_at, lease_holder, failed_at
  )
  select m.key, m.topic, m.kind, m.job_id, m.generation, m.path, m.body, x.error::json, m.attempt,
    m.max_retry_attempts, m.backoff_coefficient, m.maximum_interval_seconds, m.workflow, m.created_at, m.visible_at,
    m.leased_at, m.lease_holder, attempt_failed.now
  from json_to_recordset(failures) as x(key text, error text)
  cross join lateral (select * from {{schema}}.message as m where m.key = x.key offset 0) as m
  where x.error is not null
  on conflict (key) do nothing;
end $$;

-- Deletes jobs with all that belongs to them. Messages for another incarnation of the id do not.
create function {{schema}}.job_remove(ids text[]) returns void
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_generations text[] := array(
    select j.id || chr(31) || j.generation from {{schema}}.job as j where j.id = any(ids)
  );
begin
  delete from {{schema}}.message as m
  where m.job_id = any(ids) and m.job_id || chr(31) || m.generation = any(v_generations);
  delete from {{schema}}.activity as a where a.job_id = any(ids);
  delete from {{schema}}.hook as h where h.job_id = any(ids);
  delete from {{schema}}.failed_attempt as f where f.job_id = any(ids);
  delete from {{schema}}.job as j where j.id = any(ids);
end $$;

-- Delivers a signal to the hooks named by job, path and lookup. Returns how many messages it stored.
create function {{schema}}.signal_deliver(
  dispatch text, body json, closes boolean, hooks json, now bigint
) returns integer
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_stored integer;
begin
  insert into {{schema}}.message (
    key, topic, kind, job_id, generation, path, body, visible_at, attempt, created_at
  )
  select
    -- The key that core derives with keyAfter(dispatch, 'deliver', generation and path).
    'H' || left(translate(encode(sha256(convert_to(
      '[' || to_json(dispatch) || ',"deliver",' || to_json(h.generation || ' ' || h.path) || ']', 'UTF8'
    )), 'base64'), '+/', '-_'), 22),
    null, 'signal', h.job_id, h.generation, h.path, signal_deliver.body, signal_deliver.now, 0, signal_deliver.now
  from json_to_recordset(hooks) as h(job_id text, generation text, path text)
  on conflict (key) do nothing;
  get diagnostics v_stored = row_count;

  if closes then
    delete from {{schema}}.hook as h
    where h.job_id = any(array(select x.job_id from json_to_recordset(hooks) as x(job_id text)))
      and h.path || chr(31) || h.job_id = any(
        array(select x.path || chr(31) || x.job_id from json_to_recordset(hooks) as x(job_id text, path text))
      );
  end if;
  return v_stored;
end $$;

-- Opens hooks and dispatches signals. Whoever opens a hook and whoever signals it take one lock for it first, so that
-- neither misses the other. Both loops are over matches, which are few, and each turn depends on the one before: a
-- signal that closes a wait leaves the next signal nothing to match.
create function {{schema}}.signal_match(opened json, signals json, now bigint) returns integer
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  kept record;
  s record;
  v_hooks json;
  v_delivered integer := 0;
begin
  perform pg_advisory_xact_lock(l.key)
  from (
    select distinct hashtextextended({{name}} || ' wait ' || w.lookup, 0) as key
    from (
      select x.lookup from json_to_recordset(opened) as x(lookup text)
      union all
      select unnest(x.lookups) from json_to_recordset(signals) as x(lookups text[])
    ) as w
    order by 1
  ) as l;

  insert into {{schema}}.hook (job_id, path, lookup, generation, topic, signal_key, opened_at, timeout_at)
  select x.job_id, x.path, x.lookup, x.generation, x.topic, x.signal_key, x.opened_at, x.timeout_at
  from json_to_recordset(opened) as x(
    job_id text, path text, lookup text, generation text, topic text, signal_key text, opened_at bigint,
    timeout_at bigint
  )
  on conflict (job_id, path, lookup) do update set
    generation = excluded.generation,
    opened_at = excluded.opened_at,
    timeout_at = excluded.timeout_at;

  for kept in
    select x.job_id, x.generation, x.path, x.lookup, k.dispatch, k.body, k.closes
    from json_to_recordset(opened) as x(job_id text, generation text, path text, lookup text)
    cross join lateral (
      select * from {{schema}}.signal as g where g.lookup = x.lookup and g.keep_until > signal_match.now offset 0
    ) as k
  loop
    continue when not exists (
      select 1
      from {{schema}}.hook as h
      where h.job_id = kept.job_id and h.path = kept.path and h.lookup = kept.lookup
    );
    delete from {{schema}}.signal as g where g.lookup = kept.lookup;
    continue when not found;
    v_delivered := v_delivered + {{schema}}.signal_deliver(
      kept.dispatch, kept.body, kept.closes,
      json_build_array(json_build_object('job_id', kept.job_id, 'generation', kept.generation, 'path', kept.path)),
      signal_match.now
    );
  end loop;

  for s in
    select x.*, x.body::json as payload
    from json_to_recordset(signals) as x(
      topic text, signal_keys text[], lookups text[], body text, kept text, closes boolean, keep_until bigint,
      dispatch text, newest boolean
    )
  loop
    -- Of hooks that were opened in one moment the one with the longer path is the later one: they are numbered.
    select json_agg(json_build_object('job_id', w.job_id, 'generation', w.generation, 'path', w.path)) into v_hooks
    from (
      select h.job_id, h.generation, h.path
      from {{schema}}.hook as h
      cross join lateral (
        select 1
        from {{schema}}.job as j
        where j.id = h.job_id
          and j.generation = h.generation
          and (j.expire_at is null or j.expire_at > signal_match.now)
        offset 0
      ) as alive
      where h.lookup = any(s.lookups)
      order by h.opened_at desc, length(h.path) desc, h.path desc
      limit case when s.newest then 1 end
    ) as w;

    if v_hooks is not null then
      v_delivered := v_delivered + {{schema}}.signal_deliver(s.dispatch, s.payload, s.closes, v_hooks, signal_match.now);
    else
      insert into {{schema}}.signal as g (lookup, topic, signal_key, dispatch, body, closes, created_at, keep_until)
      select k.lookup, s.topic, k.signal_key, s.dispatch, s.kept::json, s.closes, signal_match.now, s.keep_until
      from (
        select distinct on (u.lookup) u.lookup, u.signal_key
        from unnest(s.lookups, s.signal_keys) as u(lookup, signal_key)
        order by u.lookup
      ) as k
      on conflict (lookup) do update set
        dispatch = excluded.dispatch,
        body = excluded.body,
        closes = excluded.closes,
        created_at = excluded.created_at,
        keep_until = excluded.keep_until;
    end if;
  end loop;
  return v_delivered;
end $$;

-- Checks everything the decision relied on, then writes it. Refuses with ok = false before the first write.
-- strict: nothing was locked or read before, the decision was made on what a process remembered.
create function {{schema}}.step_commit(request json) returns json
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
    jobs json, passes json, consumed text[], parked json, spared text[], answer_keys text[], answer_tokens text[], answers json,
    cancel_keys text[], cancel_jobs text[], cancel_path_jobs text[], cancel_paths text[],
    closed_jobs text[], closed_path_jobs text[], closed_paths text[], opened json, signals json,
    sends json, counters json, next_due boolean
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
    perform {{schema}}.job_remove(g.ids)
    from (
      select array_agg(j.id) as ids
      from {{schema}}.job as j
      where j.id = any(array(select x.id from json_to_recordset(r.jobs) as x(id text, revision bigint) where x.revision = 1))
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
      completed_at
    )
    select x.job_id, x.activity_id, x.address, x.generation, x.type, x.topic, x.open, x.output::json, x.hook::json,
      x.metadata::json, coalesce(request.body, answer.input, x.input::json), x.started_at,
      x.completed_at
    from json_to_recordset(r.passes) as x(
      job_id text, activity_id text, address text, generation text, type text, topic text, open boolean, output text,
      hook text, metadata text, input text, input_of text, answered_by text, started_at bigint,
      completed_at bigint
    )
    left join lateral (
      select m.body from {{schema}}.message as m where m.key = x.input_of offset 0
    ) as request on true
    left join lateral (
      select m.input from {{schema}}.message as m where m.key = x.answered_by offset 0
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
      completed_at = excluded.completed_at;
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
  if r.counters is not null then
    insert into {{schema}}.counter as c (name, slice, field, value)
    select x.name, x.slice, x.field, sum(x.add)
    from json_to_recordset(r.counters) as x(name text, slice text, field text, add double precision)
    group by x.name, x.slice, x.field
    order by x.name, x.slice, x.field
    on conflict (name, slice, field) do update set value = c.value + excluded.value;
  end if;

  return json_build_object(
    'ok', true,
    'now', v_clock,
    'stored', v_stored,
    'delivered', v_delivered,
    'next_due', case when r.next_due is not null then {{schema}}.next_due(v_now, r.next_due) end
  );
end $$;
