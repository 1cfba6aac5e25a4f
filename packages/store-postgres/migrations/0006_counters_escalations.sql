-- Counters that steps read and drop, and work items for people.

-- Work items of ALL apps and namespaces of the database are in this one table, because people and their tools look for
-- work, not for apps. So every schema that is migrated finds or makes it, under a lock of its own.
-- To alter it: in a later migration take the same lock, look at the layout number in the comment of the table, alter
-- what is older, and write the new number. Only add to it: apps of this layout go on using it meanwhile.
-- namespace is that of HotMesh, and app_id the app. Callers of work items name both by one word, which they call the
-- namespace: the app id, or <namespace>.<app id> outside of the usual one (src/escalations/app-name.ts).
-- The columns are API. wait is ours: which wait an item is kept beside; null for one that somebody made or closed by
-- hand. So a resolved item that still has one was closed by a plain signal, and may be resolved once more.
-- signal_key, role and all texts are data of any length, which no index row can hold. So their indexes are on a digest
-- or on a beginning, and whoever looks for one compares both: md5(signal_key) = md5($1) and signal_key = $1. Texts that
-- agree in a digest can be made up, but not in that of their reverse as well: so no key ever keeps another one out.
-- metadata has to be jsonb, which can hold neither \u0000 nor half a surrogate pair: in its texts, as in all others,
-- such a character is written as \u0001 and four hex digits. The other payloads are json and kept as they are.
-- Instants are timestamps here. An item is available, claimed or not, by the time of whoever asks; that is not stored.
do $migration$
declare
  v_table oid;
begin
  perform pg_advisory_xact_lock(hashtextextended('public.hmsh_escalations', 0));
  select c.oid into v_table
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relname = 'hmsh_escalations';

  if v_table is not null then
    if coalesce(obj_description(v_table, 'pg_class'), '') !~ '^HotMesh work items, layout [0-9]+' then
      raise exception 'public.hmsh_escalations was not made by this HotMesh (version 0.26 has one of that name): %',
        'alter table public.hmsh_escalations rename to hmsh_escalations_before; it is made anew when an app is opened, '
          || 'and Escalations.Client.migrate takes rows over'
        using errcode = '42P07';
    end if;
    if not (
      has_table_privilege(v_table, 'select')
      and has_table_privilege(v_table, 'insert')
      and has_table_privilege(v_table, 'update')
    ) then
      raise exception 'role % lacks rights on public.hmsh_escalations, which all apps of a database share: %',
        current_user,
        format('grant select, insert, update, delete on public.hmsh_escalations to %I', current_user)
        using errcode = '42501';
    end if;
    return;
  end if;

  if to_regnamespace('public') is null or not has_schema_privilege('public', 'create') then
    raise exception 'role % may not create public.hmsh_escalations, which all apps of a database share: %',
      current_user,
      format('grant create on schema public to %I, or open an app as a role that has it, once', current_user)
      using errcode = '42501';
  end if;
  create table public.hmsh_escalations (
    id uuid primary key default gen_random_uuid(),
    namespace text collate "C" not null,
    app_id text collate "C" not null,
    signal_key text collate "C",
    topic text,
    workflow_id text collate "C",
    task_queue text,
    workflow_type text,
    type text,
    subtype text,
    entity text,
    description text,
    role text,
    status text not null default 'pending'
      constraint hmsh_escalations_status check (status in ('pending', 'resolved', 'cancelled', 'expired')),
    priority integer not null default 5,
    assigned_to text,
    assigned_until timestamptz,
    claimed_at timestamptz,
    claim_expires_at timestamptz,
    resolved_at timestamptz,
    escalation_payload json,
    resolver_payload json,
    envelope json,
    metadata jsonb,
    origin_id text,
    parent_id text,
    initiated_by text,
    created_by text,
    milestones jsonb not null default '[]',
    trace_id text,
    span_id text,
    expires_at timestamptz,
    task_id text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    wait text collate "C"
  );
  comment on table public.hmsh_escalations is 'HotMesh work items, layout 1';
  create unique index hmsh_escalations_pending
    on public.hmsh_escalations (namespace, app_id, md5(signal_key), md5(reverse(signal_key)))
    where status = 'pending';
  create index hmsh_escalations_key on public.hmsh_escalations (md5(signal_key));
  create index hmsh_escalations_role
    on public.hmsh_escalations (namespace, app_id, "left"(role, 200), status, priority, created_at desc);
  create index hmsh_escalations_status
    on public.hmsh_escalations (namespace, app_id, status, priority, created_at desc);
  create index hmsh_escalations_workflow on public.hmsh_escalations (workflow_id);
  create index hmsh_escalations_metadata on public.hmsh_escalations using gin (metadata);
end $migration$;

-- Waits of an app that had this schema before it was dropped: nobody waits any more.
update public.hmsh_escalations as e
set status = 'cancelled', resolved_at = now(), updated_at = now()
where e.namespace = {{namespace}} and e.app_id = {{app}} and e.status = 'pending' and e.wait is not null;

-- Pages of counters, each one range of the primary key. ranges: place, name, from_slice, to_slice, prefix, below (the
-- first text behind all that begin so; null: there is none), first_slice and first_field (where the page begins), limit.
create function {{schema}}.counter_pages(ranges json) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
  set enable_sort = off
as $$
begin
  return (
    select coalesce(json_agg(json_build_object('place', r.place, 'counters', page.counters)), '[]')
    from json_to_recordset(ranges) as r(
      place integer, name text, from_slice text, to_slice text, prefix text, below text, first_slice text,
      first_field text, "limit" bigint
    )
    cross join lateral (
      select coalesce(json_agg(row_to_json(f)), '[]') as counters
      from (
        -- One of the two: an alternative inside of a condition would keep it out of the index.
        (
          select c.name, c.slice, c.field, c.value
          from {{schema}}.counter as c
          where r.below is not null
            and c.name = r.name
            and (c.slice, c.field) >= (r.first_slice, r.first_field)
            and c.slice >= r.from_slice
            and c.slice <= r.to_slice
            and c.field >= r.prefix
            and c.field < r.below
          order by c.name, c.slice, c.field
          limit r.limit
        )
        union all
        (
          select c.name, c.slice, c.field, c.value
          from {{schema}}.counter as c
          where r.below is null
            and c.name = r.name
            and (c.slice, c.field) >= (r.first_slice, r.first_field)
            and c.slice >= r.from_slice
            and c.slice <= r.to_slice
            and c.field >= r.prefix
          order by c.name, c.slice, c.field
          limit r.limit
        )
      ) as f
    ) as page
  );
end $$;

-- Forgets counters. Each span is a range of the primary key, and they are those of counter_pages. A loop, because no
-- join of spans and counters is sure to be made of ranges.
create function {{schema}}.counters_drop(spans json) returns void
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  s record;
begin
  for s in
    select *
    from json_to_recordset(spans) as x(name text, from_slice text, to_slice text, prefix text, below text)
  loop
    -- One of the two: an alternative inside of a condition would keep it out of the index.
    if s.below is null then
      delete from {{schema}}.counter as c
      where c.name = s.name and c.slice >= s.from_slice and c.slice <= s.to_slice and c.field >= s.prefix;
    else
      delete from {{schema}}.counter as c
      where c.name = s.name
        and c.slice >= s.from_slice
        and c.slice <= s.to_slice
        and c.field >= s.prefix
        and c.field < s.below;
    end if;
  end loop;
end $$;

-- Which of these keys have a pending item, and whose wait it is kept beside.
create function {{schema}}.escalations_pending(keys text[]) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
begin
  return (
    select coalesce(json_agg(json_build_object('key', e.signal_key, 'wait', coalesce(e.wait, ''))), '[]')
    from public.hmsh_escalations as e
    where e.namespace = {{namespace}}
      and e.app_id = {{app}}
      and md5(e.signal_key) = any(array(select md5(k.key) from unnest(keys) as k(key)))
      and e.signal_key = any(keys)
      and e.status = 'pending'
  );
end $$;

-- Would the commit leave two pending items of one key? Whoever opens items of a key takes a lock for it first, so that
-- the answer stands until the end of the transaction.
create function {{schema}}.escalations_taken(opened json, closed json) returns boolean
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_keys text[] := array(
    select x.signal_key from json_to_recordset(opened) as x(signal_key text, status text) where x.status = 'pending'
  );
begin
  perform pg_advisory_xact_lock(l.key)
  from (
    select distinct hashtextextended({{name}} || ' escalation ' || k.key, 0) as key
    from unnest(v_keys) as k(key)
    order by 1
  ) as l;
  perform 1
  from public.hmsh_escalations as e
  where e.namespace = {{namespace}}
    and e.app_id = {{app}}
    and md5(e.signal_key) = any(array(select md5(k.key) from unnest(v_keys) as k(key)))
    and e.signal_key = any(v_keys)
    and e.status = 'pending'
    and not coalesce(e.wait = any(array(select x.wait from json_to_recordset(closed) as x(wait text))), false);
  return found;
end $$;

-- Closes items and then opens others, so that a key can change hands.
create function {{schema}}.escalations_write(opened json, closed json, now bigint) returns void
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_now timestamptz := {{schema}}.instant_of(now);
  v_clock timestamptz := clock_timestamp();
begin
  update public.hmsh_escalations as e
  set status = x.status, resolver_payload = x.payload, resolved_at = v_now, updated_at = v_now
  from (
    select c.signal_key, c.wait, c.status, c.payload::json as payload
    from json_to_recordset(closed) as c(signal_key text, wait text, status text, payload text)
  ) as x
  where e.namespace = {{namespace}}
    and e.app_id = {{app}}
    and md5(e.signal_key) = any(
      array(select md5(c.signal_key) from json_to_recordset(closed) as c(signal_key text))
    )
    and e.status = 'pending'
    and e.signal_key = x.signal_key
    and e.wait = x.wait;

  insert into public.hmsh_escalations (
    id, namespace, app_id, signal_key, topic, workflow_id, task_queue, workflow_type, type, subtype, entity,
    description, role, status, priority, resolved_at, resolver_payload, envelope, metadata, origin_id, parent_id,
    initiated_by, trace_id, span_id, expires_at, created_at, updated_at, wait
  )
  select
    -- A UUID of version 7: later items have greater ids, also those of one commit.
    (
      lpad(to_hex(floor(t.ms)::bigint), 12, '0')
      || '7' || lpad(to_hex(floor((t.ms - floor(t.ms)) * 4096)::integer), 3, '0')
      || right(replace(gen_random_uuid()::text, '-', ''), 16)
    )::uuid,
    {{namespace}}, {{app}}, x.signal_key, x.topic, x.workflow_id, x.task_queue, x.workflow_type, x.type, x.subtype,
    x.entity, x.description, x.role, x.status, x.priority, case when x.status <> 'pending' then v_now end,
    x.payload::json, x.envelope::json, x.metadata::jsonb, x.origin_id, x.parent_id, x.initiated_by, x.trace_id,
    x.span_id, {{schema}}.instant_of(x.expires_at), v_now, v_now, x.wait
  from json_to_recordset(opened) as x(
    place integer, signal_key text, topic text, workflow_id text, task_queue text, workflow_type text, type text,
    subtype text, entity text, description text, role text, status text, priority integer, payload text,
    envelope text, metadata text, origin_id text, parent_id text, initiated_by text, trace_id text, span_id text,
    expires_at bigint, wait text
  )
  cross join lateral (
    select extract(epoch from v_clock + x.place * interval '1 microsecond') * 1000 as ms
  ) as t;
end $$;

-- Items outlive their jobs, so that who decided what stays to be seen; but nobody waits for them any more. Conditions on
-- expressions leave the planner one index to look into, that of the workflows.
create function {{schema}}.escalations_cancel(jobs text[], now bigint) returns void
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_now timestamptz := {{schema}}.instant_of(now);
begin
  update public.hmsh_escalations as e
  set status = 'cancelled', resolved_at = v_now, updated_at = v_now
  where e.workflow_id = any(jobs)
    and e.namespace || '' = {{namespace}}
    and e.app_id || '' = {{app}}
    and e.status || '' = 'pending'
    and e.wait is not null;
end $$;

-- Opens a step: locks the jobs of what the caller brought, claims due engine messages of jobs nobody works on, and then
-- reads. request: now, jobs, limit, answer_keys, answer_tokens, activation, passes, ranges, counters, escalations.
create or replace function {{schema}}.step_open(request json) returns json
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
    activation boolean, passes json, ranges json, counters json, escalations text[]
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
    'counters', case when r.counters is not null then {{schema}}.counter_pages(r.counters) end,
    'escalations', case when r.escalations is not null then {{schema}}.escalations_pending(r.escalations) end,
    'next_due', case when v_taken = 0 and r.limit > 0 then {{schema}}.next_due(v_now, false) end
  );
end $$;

-- What a program asks for once it has seen the messages. Runs under the locks of step_open.
create or replace function {{schema}}.step_read(request json) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  r record;
begin
  select * into r from json_to_record(request) as x(
    now bigint, activation boolean, passes json, ranges json, counters json, escalations text[]
  );
  return json_build_object(
    'passes', {{schema}}.step_passes(r.passes, r.ranges, r.now),
    'activation', case when r.activation then {{schema}}.activation_shared() end,
    'counters', case when r.counters is not null then {{schema}}.counter_pages(r.counters) end,
    'escalations', case when r.escalations is not null then {{schema}}.escalations_pending(r.escalations) end
  );
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

-- Deletes what has expired, in small batches, and leaves alone whatever a step is busy with.
create or replace function {{schema}}.sweep(p_limit integer, p_now bigint) returns integer
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
  perform {{schema}}.escalations_cancel(v_jobs, v_now);
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
  -- So would requests that were refused.
  delete from {{schema}}.message as m
  where m.key = any(array(
    select o.key
    from {{schema}}.message as o
    where o.job_id is null and o.parked_reason is not null and o.created_at <= v_now - 604800000
    limit p_limit
    for update skip locked
  ));
  return cardinality(v_jobs) + v_signals;
end $$;
