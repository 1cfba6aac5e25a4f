-- The entity document of a job is JSON text among its search fields, by the name of "@". So it is never encoded, and
-- where it is looked into is one function, on which indexes can be built.

-- Null: the job has none. It never fails, because people see every job through it.
create function {{schema}}.entity_of(fields json) returns jsonb
language plpgsql immutable strict
  set search_path = pg_catalog, pg_temp
as $$
declare
  v_document jsonb;
begin
  -- Nearly no job has one, and then its fields need no reading.
  if strpos(fields::text, '"@"') = 0 then
    return null;
  end if;
  v_document := {{schema}}.as_columns(({{schema}}.as_columns(fields) ->> '@')::json);
  return case when jsonb_typeof(v_document) = 'object' then v_document end;
exception when others then
  return null;
end $$;

-- The context of a job is its entity document; of one that has none, its data.
create or replace view {{schema}}.jobs as
select
  j.id,
  {{prefix}} || 'j:' || j.id as key,
  j.topic,
  j.entity,
  j.phase as state,
  j.status,
  j.version,
  coalesce(j.origin, {{schema}}.as_columns(j.parent) ->> 'job') as origin_id,
  coalesce(
    {{schema}}.object_of({{schema}}.as_columns(j.control)) ->> 'parent', {{schema}}.as_columns(j.parent) ->> 'job'
  ) as parent_id,
  coalesce({{schema}}.entity_of(j.fields), {{schema}}.shown(j.data)) as context,
  {{schema}}.shown(j.failure) as error,
  {{schema}}.instant_of(j.created_at) as created_at,
  {{schema}}.instant_of(j.updated_at) as updated_at,
  {{schema}}.instant_of(j.expire_at) as expired_at,
  {{schema}}.instant_of(j.pruned_at) as pruned_at,
  true as is_live
from {{schema}}.job as j
where j.expire_at is null or j.expire_at > {{schema}}.now_ms();

-- Entity.find* looks at the jobs of one label.
create index job_entity on {{schema}}.job (entity, created_at) where entity is not null;
