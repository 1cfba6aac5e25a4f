-- Commands count in the order in which they came, also within one millisecond.
alter table {{schema}}.throttle add column sequence bigint generated always as identity;

-- What one member at a time may do.
create table {{schema}}.turn (
  name text collate "C" primary key,
  holder text not null,
  until bigint not null
);

-- A member that is heard of again writes its row only when that says something new: p_fresh milliseconds have passed,
-- or its version has changed. Rows of members that are long gone go too.
create function {{schema}}.check_in(p_members json, p_now bigint, p_fresh bigint, p_gone bigint)
returns json
language plpgsql
as $function$
declare
  v_now constant bigint := coalesce(p_now, {{schema}}.now_ms());
begin
  insert into {{schema}}.member as m (guid, role, topic, version, connected_at, seen_at)
  select x.guid, x.role, coalesce(x.topic, ''), x.version, v_now, v_now
  from json_to_recordset(p_members) as x(guid text, role text, topic text, version text)
  order by x.guid, x.role, x.topic
  on conflict (guid, role, topic) do update
    set seen_at = v_now, version = excluded.version,
      connected_at = case when m.seen_at <= v_now - p_gone then v_now else m.connected_at end
    where m.seen_at <= v_now - p_fresh or m.version is distinct from excluded.version;
  return (
    select coalesce(json_agg(json_build_object(
      'throttle', t.throttle,
      'topic', nullif(t.topic, ''),
      'guid', nullif(t.guid, ''),
      'scope', t.scope
    ) order by t.sequence), '[]')
    from {{schema}}.throttle as t
  );
end
$function$;

create function {{schema}}.throttle_put(p_rule json, p_now bigint)
returns void
language plpgsql
as $function$
declare
  v_topic constant text := coalesce(p_rule ->> 'topic', '');
  v_guid constant text := coalesce(p_rule ->> 'guid', '');
  v_scope constant text := p_rule ->> 'scope';
begin
  lock table {{schema}}.throttle in exclusive mode;
  delete from {{schema}}.throttle as t
  where (v_guid = '' or t.guid = v_guid)
    and (v_topic = '' or t.topic = v_topic)
    and (v_scope = 'all' or t.scope = v_scope);
  insert into {{schema}}.throttle (topic, guid, scope, throttle, created_at)
  values (v_topic, v_guid, v_scope, (p_rule ->> 'throttle')::bigint, coalesce(p_now, {{schema}}.now_ms()));
end
$function$;

-- Null: taken. Else the milliseconds until the present turn ends at the latest.
create function {{schema}}.take_turn(p_name text, p_holder text, p_now bigint, p_for bigint)
returns json
language plpgsql
as $function$
declare
  v_now constant bigint := coalesce(p_now, {{schema}}.now_ms());
  v_until bigint;
begin
  insert into {{schema}}.turn as t (name, holder, until)
  values (p_name, p_holder, v_now + p_for)
  on conflict (name) do update set holder = excluded.holder, until = excluded.until
    where t.holder = excluded.holder or t.until <= v_now;
  if found then
    return 'null';
  end if;
  select t.until into v_until from {{schema}}.turn as t where t.name = p_name;
  return to_json(greatest(coalesce(v_until, v_now) - v_now, 0));
end
$function$;

create function {{schema}}.end_turn(p_name text, p_holder text)
returns void
language sql
as $function$
  delete from {{schema}}.turn as t where t.name = p_name and t.holder = p_holder;
$function$;
