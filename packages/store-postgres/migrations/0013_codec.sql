-- Values that a codec has encoded (0005_views.sql says in which form).

-- A stored value as one text, whose beginning tells its type. Dates, NaN and the infinities are stored as tagged maps,
-- and so is what is encoded.
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
    when 'codec' then coalesce('/b' || (value ->> 'v'), '/s' || value::text)
    else '/s' || value::text
  end
  when 'array' then '/s' || value::text
  else '/n'
end;

-- Puts off the due engine messages of these jobs, and these that are about no job: the engine that claimed them has no
-- codec for what they hold. Another one may have it, so they come again after as long as they have waited, which is at
-- least a second and at most a minute; those of one job together, so that they stay in order.
create function {{schema}}.step_postpone(keys text[], jobs text[], now bigint) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_now bigint := coalesce(now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
  v_keys text[];
begin
  -- Whoever changes several messages locks them in the order of their keys.
  v_keys := array(
    select m.key
    from {{schema}}.message as m
    where m.key = any(
      step_postpone.keys || array(
        select w.key
        from {{schema}}.message as w
        where w.job_id = any(step_postpone.jobs)
          and w.topic is null
          and w.parked_reason is null
          and w.visible_at <= v_now
      )
    )
    order by m.key
    for update
  );
  update {{schema}}.message as m
  set visible_at = v_now + least(60000, greatest(1000, v_now - (
    select min(coalesce(w.scheduled_at, w.created_at))
    from {{schema}}.message as w
    where w.key = any(v_keys) and w.job_id is not distinct from m.job_id
  )))
  where m.key = any(v_keys) and m.topic is null and m.parked_reason is null and m.visible_at <= v_now;
  return to_json(cardinality(v_keys));
end $$;
