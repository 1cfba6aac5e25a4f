-- Worker roles: logins that can work on the streams they were given, and nothing else. They have no
-- right to any table. What they may call runs with the rights of the owner and asks session_user, which nothing that a
-- role can set takes part in.

create table {{schema}}.worker_role (
  role_name text collate "C" primary key,
  id text not null default gen_random_uuid()::text,
  streams text[] not null,
  created_at bigint not null,
  last_rotated_at bigint not null,
  revoked_at bigint
);

-- Nobody in particular may call a function of this schema. One that runs with the rights of its caller adds nothing to
-- them, so it is for everybody who may use the schema, except worker roles: people who read the views need it. A path
-- that does not name pg_temp looks there first, for types too: it is named last, so that no temporary object of a
-- caller stands for one of ours. Runs after every migration; and by hand, when somebody was given usage of the schema.
create function {{schema}}.set_rights() returns void
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
declare
  r record;
  v_functions oid[] := array(
    select p.oid from pg_proc as p where p.pronamespace = to_regnamespace(quote_ident({{name}})) and p.prokind = 'f'
  );
begin
  execute format('revoke execute on all functions in schema %I from public', {{name}});
  for r in
    select p.oid::regprocedure as signature, u.rolname
    from pg_namespace as n
    cross join aclexplode(n.nspacl) as a
    join pg_roles as u on u.oid = a.grantee
    join pg_proc as p on p.oid = any(v_functions)
    where n.oid = to_regnamespace(quote_ident({{name}}))
      and a.privilege_type = 'USAGE'
      and not p.prosecdef
      and not exists (select 1 from {{schema}}.worker_role as w where w.role_name = u.rolname)
      and not has_function_privilege(u.oid, p.oid, 'execute')
  loop
    execute format('grant execute on function %s to %I', r.signature, r.rolname);
  end loop;
end $$;

-- The streams of whoever calls.
create function {{schema}}.worker_streams_allowed() returns text[]
language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_streams text[];
begin
  select w.streams into v_streams
  from {{schema}}.worker_role as w
  where w.role_name = session_user::text and w.revoked_at is null;
  if not found then
    raise exception using errcode = '42501', message = format('%s is no worker role of this app, or is revoked', session_user);
  end if;
  return v_streams;
end $$;

create function {{schema}}.worker_admit(p_topic text) returns json
language plpgsql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  if p_topic = any({{schema}}.worker_streams_allowed()) then
    return 'true';
  end if;
  raise exception using errcode = '42501', message = format('worker role %s may not work on stream %s', session_user, p_topic);
end $$;

-- The time is the server's, whatever the caller thinks it is: leases of others end when they end.
create function {{schema}}.worker_claim(p_topic text, p_limit integer, p_lease_ms bigint, p_holder text) returns json
language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform {{schema}}.worker_admit(p_topic);
  return {{schema}}.stream_claim(
    p_topic, least(greatest(p_limit, 0), 10000), least(greatest(p_lease_ms, 1), 86400000), p_holder, null
  );
end $$;

create function {{schema}}.worker_extend(p_keys text[], p_tokens text[], p_lease_ms bigint) returns json
language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_streams text[] := {{schema}}.worker_streams_allowed();
begin
  return {{schema}}.stream_extend(
    array(
      select m.key
      from unnest(p_keys) as k(key)
      cross join lateral (select * from {{schema}}.message as m where m.key = k.key offset 0) as m
      where m.topic = any(v_streams)
    ),
    p_tokens,
    least(greatest(p_lease_ms, 1), 86400000),
    null
  );
end $$;

-- What a role says of its leases is taken apart and written anew: which message follows is not its to say. One settlement
-- for each lease.
create function {{schema}}.worker_settle(settlements json) returns json
language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_streams text[] := {{schema}}.worker_streams_allowed();
  v_work json;
begin
  if exists (
    select 1
    from json_to_recordset(settlements) as x(kind text, status text, code numeric, data text, error text)
    where x.kind is null
      or x.kind not in ('answer', 'retry', 'release', 'hold')
      or x.kind = 'answer' and {{schema}}.worker_answer(x.status, x.code, x.data) is null
      or json_typeof(x.error::json) <> 'object'
  ) then
    raise exception using errcode = '22023', message = 'a settlement is malformed';
  end if;
  select coalesce(json_agg(json_build_object(
    'key', m.key,
    'token', m.lease_token,
    'kind', x.kind,
    'dead', x.kind = 'answer' and coalesce(x.dead, false),
    'delay', least(greatest(coalesce(x.delay, 0), 0), 31536000000),
    'error', case when x.kind in ('answer', 'retry') then x.error end,
    'body', case when x.kind = 'answer' then {{schema}}.worker_answer(x.status, x.code, x.data) end,
    'next_key', case x.kind
      when 'answer' then {{schema}}.id_of(convert_to(format('[%s,"answer",0]', to_json(m.key)), 'UTF8'))
      when 'retry' then {{schema}}.id_of(convert_to(format('[%s,"retry",%s]', to_json(m.key), m.attempt + 1), 'UTF8'))
    end
  )), '[]')
  into v_work
  from (
    select distinct on (s.key) s.*
    from json_to_recordset(settlements) as s(
      key text, token text, kind text, status text, code numeric, data text, error text, dead boolean, delay bigint
    )
    order by s.key
  ) as x
  cross join lateral (select * from {{schema}}.message as m where m.key = x.key offset 0) as m
  where m.topic = any(v_streams) and m.lease_token = x.token;
  return {{schema}}.stream_settle(v_work, null);
end $$;

-- The body of an answer, as text; null: it is none. The data stay the text they are, because Postgres would not take
-- \u0000 apart. A number of 400 digits is none to JavaScript.
create function {{schema}}.worker_answer(status text, code numeric, data text) returns text
language sql immutable
  set search_path = pg_catalog, pg_temp
as $$
  select format('{"status":"%s","code":%s,"data":%s}', $1, to_json($2), $3)
  where $1 in ('success', 'error', 'pending')
    and $2 % 1 = 0
    and abs($2) < 1e308
    and json_typeof($3::json) = 'object'
$$;

-- What is recorded of a function, for whoever is about to enter it: its rows stand one level below the pass of a message
-- that is leased from a stream of the caller.
create function {{schema}}.worker_history(p_job text, p_generation text, p_under text) returns json
language plpgsql stable security definer
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
  set enable_bitmapscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_streams text[] := {{schema}}.worker_streams_allowed();
begin
  if not exists (
    select 1
    from {{schema}}.message as m
    where m.job_id = p_job
      and m.generation = p_generation
      and m.topic = any(v_streams)
      and m.lease_token is not null
      and m.lease_until > {{schema}}.now_ms()
      and substr(m.path, strpos(m.path, ',')) = regexp_replace(p_under, ',[0-9]+$', '')
  ) then
    raise exception using errcode = '42501', message = format('worker role %s holds no lease on job %s', session_user, p_job);
  end if;
  return (
    select coalesce(json_agg(row_to_json(a) order by a.started_at, a.activity_id, a.address), '[]')
    from {{schema}}.activity as a
    where a.job_id = p_job
      and a.generation = p_generation
      and (a.address = p_under or a.address > p_under || ',' and a.address < p_under || '-')
  );
end $$;

create function {{schema}}.worker_depth(p_topic text) returns json
language plpgsql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform {{schema}}.worker_admit(p_topic);
  return to_json((
    select count(*)
    from {{schema}}.message as m
    where m.topic = p_topic and not m.held and m.parked_reason is null and m.dead_lettered_at is null
  ));
end $$;

-- Says that workers of the caller's streams are there, and gives the rules that can concern them.
create function {{schema}}.worker_check_in(p_members json, p_fresh bigint, p_gone bigint) returns json
language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_streams text[] := {{schema}}.worker_streams_allowed();
  v_rules json := {{schema}}.check_in(
    {{schema}}.worker_members(p_members, v_streams), null, greatest(p_fresh, 0), greatest(p_gone, 0)
  );
begin
  return (
    select coalesce(json_agg(r.rule order by r.at), '[]')
    from json_array_elements(v_rules) with ordinality as r(rule, at)
    where (r.rule ->> 'topic' is null or r.rule ->> 'topic' = any(v_streams)) and r.rule ->> 'scope' <> 'engines'
  );
end $$;

create function {{schema}}.worker_check_out(p_members json, p_gone bigint) returns json
language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_members json := {{schema}}.worker_members(p_members, {{schema}}.worker_streams_allowed());
begin
  -- They are gone, but not forgotten: an instance that is started anew obeys what was commanded to it. So nobody can say
  -- that they left long ago.
  update {{schema}}.member as m
  set seen_at = least(m.seen_at, {{schema}}.now_ms() - least(greatest(p_gone, 0), 600000))
  from json_to_recordset(v_members) as x(guid text, role text, topic text)
  where m.guid = x.guid and m.role = x.role and m.topic = x.topic;
  return 'true';
end $$;

-- Of all members that are named, those that are workers of these streams.
create function {{schema}}.worker_members(p_members json, p_streams text[]) returns json
language sql immutable
  set search_path = pg_catalog, pg_temp
as $$
  select coalesce(json_agg(m.member), '[]')
  from json_array_elements($1) as m(member)
  where m.member ->> 'role' = 'worker' and m.member ->> 'topic' = any($2)
$$;

-- What is vouched for was stored by an engine, so that whoever hears of it may trust it. It is not for workers to read.
create function {{schema}}.worker_notice(p_id text) returns table (body text)
language plpgsql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform {{schema}}.worker_streams_allowed();
  return query select n.body::text from {{schema}}.notice as n where n.id = p_id and n.id not like 'vouched/%';
end $$;

create function {{schema}}.worker_notice_put(p_notices json, p_keep_ms bigint) returns json
language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform {{schema}}.worker_streams_allowed();
  insert into {{schema}}.notice (id, body, expires_at)
  select x.id, x.body::json, {{schema}}.now_ms() + least(p_keep_ms, 600000)
  from json_to_recordset(p_notices) as x(id text, body text)
  where x.id not like 'vouched/%'
  on conflict (id) do nothing;
  return 'true';
end $$;

-- What follows is for whoever provisions roles: it runs with the rights of its caller, who needs CREATEROLE. These
-- statements take no parameters, so names and verifiers are quoted by the server.

create function {{schema}}.worker_grants(p_role text, p_grant boolean) returns void
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_verb text := case when p_grant then 'grant' else 'revoke' end;
  v_whom text := format(case when p_grant then 'to %I' else 'from %I' end, p_role);
begin
  execute format('revoke all on all tables in schema %I from %I', {{name}}, p_role);
  execute format('revoke all on all functions in schema %I from %I', {{name}}, p_role);
  execute format('%s usage on schema %I %s', v_verb, {{name}}, v_whom);
  execute format(
    '%s execute on function %2$I.worker_admit(text), %2$I.worker_claim(text, integer, bigint, text), '
    '%2$I.worker_extend(text[], text[], bigint), %2$I.worker_settle(json), %2$I.worker_depth(text), '
    '%2$I.worker_check_in(json, bigint, bigint), %2$I.worker_check_out(json, bigint), %2$I.worker_notice(text), '
    '%2$I.worker_notice_put(json, bigint), %2$I.worker_history(text, text, text) %3$s',
    v_verb, {{name}}, v_whom
  );
end $$;

create function {{schema}}.worker_role_put(p_role text, p_verifier text, p_streams text[]) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
begin
  lock table {{schema}}.worker_role in share row exclusive mode;
  if not exists (select 1 from pg_roles as u where u.rolname = p_role) then
    execute format('create role %I with login noinherit password %L', p_role, p_verifier);
  elsif exists (
    select 1
    from pg_roles as u
    where u.rolname = p_role
      and (
        u.rolsuper or u.rolcreaterole or u.rolcreatedb or u.rolreplication or u.rolbypassrls
        or exists (select 1 from pg_auth_members as g where g.member = u.oid)
      )
  ) then
    raise exception using errcode = '42710', message = format('role %s exists, and may do more than a worker role', p_role);
  else
    execute format('alter role %I with login password %L', p_role, p_verifier);
  end if;
  insert into {{schema}}.worker_role as w (role_name, streams, created_at, last_rotated_at)
  values (p_role, p_streams, {{schema}}.now_ms(), {{schema}}.now_ms())
  on conflict (role_name) do update
    set streams = excluded.streams, last_rotated_at = excluded.last_rotated_at, revoked_at = null;
  perform {{schema}}.worker_grants(p_role, true);
  return 'true';
end $$;

-- False: there is no such role, or it is revoked.
create function {{schema}}.worker_role_rotate(p_role text, p_verifier text) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
begin
  update {{schema}}.worker_role as w set last_rotated_at = {{schema}}.now_ms()
  where w.role_name = p_role and w.revoked_at is null;
  if not found then
    return 'false';
  end if;
  execute format('alter role %I with password %L', p_role, p_verifier);
  return 'true';
end $$;

-- False: there is no such role.
create function {{schema}}.worker_role_revoke(p_role text) returns json
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Rights of one schema are one row of the catalogue: those who write it take turns.
  lock table {{schema}}.worker_role in share row exclusive mode;
  update {{schema}}.worker_role as w set revoked_at = coalesce(w.revoked_at, {{schema}}.now_ms())
  where w.role_name = p_role;
  if not found then
    return 'false';
  end if;
  if exists (select 1 from pg_roles as u where u.rolname = p_role) then
    execute format('alter role %I with nologin', p_role);
    perform {{schema}}.worker_grants(p_role, false);
  end if;
  return 'true';
end $$;

create function {{schema}}.worker_roles() returns json
language sql stable
  set search_path = pg_catalog, pg_temp
as $$
  select coalesce(json_agg(json_build_object(
    'id', w.id,
    'role_name', w.role_name,
    'streams', w.streams,
    'created_at', w.created_at,
    'last_rotated_at', w.last_rotated_at,
    'revoked_at', w.revoked_at
  ) order by w.created_at, w.role_name), '[]')
  from {{schema}}.worker_role as w
$$;
