-- Plain SQL: whoever can reach the database starts jobs and sends signals, in any language and inside any transaction.
-- A call stores a message for the engines, so it is true exactly when its transaction commits. Which job id a trigger
-- gives, whether a schema accepts the payload and who waits for a signal is for the interpreter to say, later; what can
-- be told at once is told at once, by an exception.
-- The payload may be text, json or jsonb. A literal and an untyped parameter are text, so that no call is ambiguous.
-- Callers need usage on the schema and execute on the function, and no right to any table.

-- The topics on which a plan starts jobs, and those on which it has rules for signals. A call looks at them every time,
-- and plans are long: with one of 194 kB a call took 3.7 ms when it read the plan itself, and takes 0.15 ms now.
create function {{schema}}.topics_of(document json) returns json
language sql immutable
  set search_path = pg_catalog, pg_temp
as $$
  select json_build_object(
    'starts', (select coalesce(json_agg(g.graph -> 'topic'), '[]') from json_array_elements($1 -> 'graphs') as g(graph)),
    'signals', (
      select coalesce(json_agg(h.rule -> 'topic'), '[]')
      from json_array_elements($1 -> 'graphs') as g(graph)
      cross join lateral json_array_elements(g.graph -> 'hooks') as h(rule)
    )
  )
$$;
alter table {{schema}}.plan add column topics json not null generated always as ({{schema}}.topics_of(document)) stored;

-- An id as the library makes them: H and 22 characters of A-Za-z0-9_-.
create function {{schema}}.id_of(bytes bytea) returns text
language sql immutable
  set search_path = pg_catalog, pg_temp
return 'H' || left(translate(encode(sha256(bytes), 'base64'), '+/', '-_'), 22);

create function {{schema}}.new_id() returns text
language sql volatile
  set search_path = pg_catalog, pg_temp
return {{schema}}.id_of(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- A message for any engine about no job. Hinted as part of the transaction: engines hear of it when it commits, once,
-- however many calls there were.
create function {{schema}}.engine_message_put(key text, kind text, generation text, body json) returns void
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_now bigint := floor(extract(epoch from clock_timestamp()) * 1000)::bigint;
begin
  insert into {{schema}}.message as m (key, topic, kind, generation, body, visible_at, attempt, created_at)
  values (engine_message_put.key, null, engine_message_put.kind, engine_message_put.generation,
    engine_message_put.body, v_now, 0, v_now)
  on conflict on constraint message_pkey do nothing;
  perform pg_notify({{channel}}, '{"from":"","c":"lane","b":null}');
end $$;

create function {{schema}}.check_object(what text, data json) returns json
language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if data is null then
    return '{}';
  end if;
  if json_typeof(data) <> 'object' then
    raise exception 'the data for % is %; expected an object', what, json_typeof(data)
      using errcode = 'invalid_parameter_value', hint = 'Pass an object such as {"apples": 3}.';
  end if;
  return data;
end $$;

create function {{schema}}.check_topic(call text, topic text) returns void
language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(topic, '') = '' then
    raise exception '% needs a topic', call using errcode = 'invalid_parameter_value';
  end if;
end $$;

create function {{schema}}.job_request_put(topic text, data json, job_id text, idempotency_key text) returns text
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_data json;
  v_version text;
  v_topics json;
  v_known text;
  v_fresh text := {{schema}}.new_id();
  v_key text;
  v_job text;
begin
  perform {{schema}}.check_topic('pub', topic);
  v_data := {{schema}}.check_object('topic ' || topic, data);
  if job_id = '' or idempotency_key = '' then
    raise exception '% of topic % is empty', case when job_id = '' then 'job_id' else 'idempotency_key' end, topic
      using errcode = 'invalid_parameter_value', hint = 'Leave it out, or pass null.';
  end if;

  select a.version, p.topics -> 'starts' into v_version, v_topics
  from {{schema}}.app as a
  join {{schema}}.plan as p on p.id = a.plan
  where a.one;
  if v_version is null then
    raise exception 'no version of app % is active', {{app}}
      using errcode = 'object_not_in_prerequisite_state', hint = 'Deploy a document and activate its version first.';
  end if;
  -- As JSON text, because a topic of another graph may be one that no text of Postgres can hold.
  if not exists (
    select 1 from json_array_elements(v_topics) as t(topic) where t.topic::text = to_json(job_request_put.topic)::text
  ) then
    select string_agg(t.topic::text, ', ') into v_known from json_array_elements(v_topics) as t(topic);
    raise exception 'no subscription found for topic % in app % for app version %', topic, {{app}}, v_version
      using errcode = 'undefined_object', hint = 'Topics of this version: ' || coalesce(v_known, 'none') || '.';
  end if;

  v_key := case
    when idempotency_key is null then v_fresh
    else {{schema}}.id_of(convert_to(json_build_array('pub', topic, idempotency_key)::text, 'UTF8'))
  end;
  v_job := coalesce(job_id, v_key);
  perform {{schema}}.engine_message_put(v_key, 'request', v_fresh, json_build_object(
    'topic', topic, 'data', v_data, 'job', v_job, 'once', idempotency_key is not null
  ));
  return v_job;
end $$;

create function {{schema}}.signal_request_put(topic text, data json, status text, code integer) returns text
language plpgsql volatile
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_data json;
  v_plans json;
  v_known text;
  v_key text := {{schema}}.new_id();
begin
  perform {{schema}}.check_topic('signal', topic);
  v_data := {{schema}}.check_object('signal ' || topic, data);
  if status is null or status not in ('success', 'error', 'pending') then
    raise exception 'the status of signal % is %; expected success, error or pending', topic, coalesce(status, 'null')
      using errcode = 'invalid_parameter_value';
  end if;
  if code is null or code not between 100 and 999 then
    raise exception 'the code of signal % is %; expected an integer of three digits', topic, coalesce(code::text, 'null')
      using errcode = 'invalid_parameter_value';
  end if;

  -- Rules of every version that was ever active count, because jobs may still wait under them.
  select json_agg(distinct v.plan) into v_plans from {{schema}}.version as v where v.activated_at is not null;
  if v_plans is null then
    raise exception 'no version of app % is active', {{app}}
      using errcode = 'object_not_in_prerequisite_state', hint = 'Deploy a document and activate its version first.';
  end if;
  if not exists (
    select 1
    from {{schema}}.plan as p
    cross join lateral json_array_elements(p.topics -> 'signals') as t(topic)
    where p.id in (select json_array_elements_text(v_plans))
      and t.topic::text = to_json(signal_request_put.topic)::text
  ) then
    select string_agg(distinct t.topic::text, ', ') into v_known
    from {{schema}}.plan as p
    cross join lateral json_array_elements(p.topics -> 'signals') as t(topic)
    where p.id in (select json_array_elements_text(v_plans));
    raise exception 'no hook rule for topic %', topic
      using errcode = 'undefined_object', hint = 'Topics with rules: ' || coalesce(v_known, 'none') || '.';
  end if;

  perform {{schema}}.engine_message_put(v_key, 'match', null, json_build_object(
    'topic', topic, 'data', v_data, 'status', status, 'code', code, 'plans', v_plans
  ));
  return v_key;
end $$;

create function {{schema}}.pub(
  topic text, data text default '{}', job_id text default null, idempotency_key text default null
) returns text
language sql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$ select {{schema}}.job_request_put($1, $2::json, $3, $4) $$;

create function {{schema}}.pub(
  topic text, data json, job_id text default null, idempotency_key text default null
) returns text
language sql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$ select {{schema}}.job_request_put($1, $2, $3, $4) $$;

create function {{schema}}.pub(
  topic text, data jsonb, job_id text default null, idempotency_key text default null
) returns text
language sql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$ select {{schema}}.job_request_put($1, $2::json, $3, $4) $$;

create function {{schema}}.signal(
  topic text, data text default '{}', status text default 'success', code integer default 200
) returns text
language sql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$ select {{schema}}.signal_request_put($1, $2::json, $3, $4) $$;

create function {{schema}}.signal(
  topic text, data json, status text default 'success', code integer default 200
) returns text
language sql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$ select {{schema}}.signal_request_put($1, $2, $3, $4) $$;

create function {{schema}}.signal(
  topic text, data jsonb, status text default 'success', code integer default 200
) returns text
language sql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$ select {{schema}}.signal_request_put($1, $2::json, $3, $4) $$;

revoke execute on function
  {{schema}}.engine_message_put(text, text, text, json),
  {{schema}}.job_request_put(text, json, text, text),
  {{schema}}.signal_request_put(text, json, text, integer),
  {{schema}}.pub(text, text, text, text),
  {{schema}}.pub(text, json, text, text),
  {{schema}}.pub(text, jsonb, text, text),
  {{schema}}.signal(text, text, text, integer),
  {{schema}}.signal(text, json, text, integer),
  {{schema}}.signal(text, jsonb, text, integer)
from public;

comment on function {{schema}}.pub(text, text, text, text) is
  'Starts a job of the graph that subscribes to topic, when this transaction commits. Returns the id that the job has unless its trigger gives one.';
comment on function {{schema}}.pub(text, json, text, text) is
  'Starts a job of the graph that subscribes to topic, when this transaction commits. Returns the id that the job has unless its trigger gives one.';
comment on function {{schema}}.pub(text, jsonb, text, text) is
  'Starts a job of the graph that subscribes to topic, when this transaction commits. Returns the id that the job has unless its trigger gives one.';
comment on function {{schema}}.signal(text, text, text, integer) is
  'Sends a signal to whoever waits for it, or will, when this transaction commits. Returns the id of the signal.';
comment on function {{schema}}.signal(text, json, text, integer) is
  'Sends a signal to whoever waits for it, or will, when this transaction commits. Returns the id of the signal.';
comment on function {{schema}}.signal(text, jsonb, text, integer) is
  'Sends a signal to whoever waits for it, or will, when this transaction commits. Returns the id of the signal.';

-- How the stream views name what is stored by these calls.
create or replace function {{schema}}.message_type(kind text, topic text) returns text
language sql immutable
return case
  when topic is not null then 'worker'
  when kind in ('start', 'request') then 'await'
  when kind = 'complete' then 'response'
  when kind = 'signal' then 'webhook'
  when kind = 'match' then 'signal'
  when kind = 'wake' then 'timehook'
  when kind = 'resume' then 'transition'
  else kind
end;
