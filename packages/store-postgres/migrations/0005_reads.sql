-- Rare statements: deployment, and reads outside of steps.

create function {{schema}}.deploy(p_id text, p_version text, p_document json, p_now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog
as $$
declare
  v_now bigint := coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
  v_active text;
  v_before text;
begin
  -- One deployment or activation at a time. Steps do not wait for this.
  select a.version into v_active from {{schema}}.app as a where a.one for update;
  select v.plan into v_before from {{schema}}.version as v where v.version = p_version;
  if exists (select 1 from {{schema}}.plan as p where p.id = p_id and p.document::text <> p_document::text) then
    return json_build_object('outcome', 'plan-differs');
  elsif v_before = p_id then
    return json_build_object('outcome', 'unchanged');
  elsif v_before is not null and v_active = p_version then
    return json_build_object('outcome', 'version-active');
  end if;
  insert into {{schema}}.plan (id, version, document, created_at)
  values (p_id, p_version, p_document, v_now)
  on conflict (id) do nothing;
  delete from {{schema}}.version as v where v.version = p_version;
  insert into {{schema}}.version (version, plan, deployed_at) values (p_version, p_id, v_now);
  return json_build_object('outcome', 'stored');
end $$;

-- Waits for the steps that have read the activation: whoever saw the old version commits before the switch.
create function {{schema}}.activate(p_version text, p_now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog
as $$
declare
  v_now bigint := coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
  v_plan text;
begin
  perform pg_advisory_xact_lock(hashtextextended({{name}} || ' activation', 0));
  perform 1 from {{schema}}.app as a where a.one for update;
  select v.plan into v_plan from {{schema}}.version as v where v.version = p_version;
  if v_plan is null then
    return json_build_object('activation', null);
  end if;
  update {{schema}}.app as a
  set version = p_version, plan = v_plan, epoch = a.epoch + 1
  where a.one and a.plan is distinct from v_plan;
  if found then
    update {{schema}}.version as v set activated_at = v_now where v.version = p_version;
  end if;
  return json_build_object('activation', (
    select json_build_object('version', a.version, 'plan', a.plan, 'epoch', a.epoch)
    from {{schema}}.app as a
    where a.one
  ));
end $$;

create function {{schema}}.job_read(p_id text, p_now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog
  set enable_seqscan = off
  set plan_cache_mode = force_generic_plan
as $$
begin
  return coalesce((
    select row_to_json(j)
    from {{schema}}.job as j
    where j.id = p_id
      and (j.expire_at is null
        or j.expire_at > coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint))
  ), 'null');
end $$;

create function {{schema}}.job_passes(p_id text, p_generation text, p_now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog
  set enable_seqscan = off
  set plan_cache_mode = force_generic_plan
as $$
begin
  perform 1
  from {{schema}}.job as j
  where j.id = p_id
    and j.generation = p_generation
    and (j.expire_at is null
      or j.expire_at > coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint));
  if not found then
    return '[]';
  end if;
  return (
    select coalesce(json_agg(row_to_json(a) order by a.started_at, a.activity_id, a.address), '[]')
    from {{schema}}.activity as a
    where a.job_id = p_id
  );
end $$;

-- Messages that wait, are scheduled or leased.
create function {{schema}}.depth(p_topic text) returns bigint
language plpgsql volatile
  set search_path = pg_catalog
  set enable_seqscan = off
  set plan_cache_mode = force_generic_plan
as $$
begin
  if p_topic is null then
    return (select count(*) from {{schema}}.message as m where m.topic is null and m.parked_reason is null);
  end if;
  return (
    select count(*)
    from {{schema}}.message as m
    where m.topic = p_topic and not m.held and m.parked_reason is null and m.dead_lettered_at is null
  );
end $$;
