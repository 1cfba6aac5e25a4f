import { derivedId } from "./sql-text.js";

const isText = (value: string): string => `jsonb_typeof(${value}) is not distinct from 'string'`;

/** True where a member is absent or of a type. */
const mayBe = (member: string, type: string): string =>
  `coalesce(jsonb_typeof(c.control -> '${member}'), '${type}') = '${type}'`;

const objectIn = (value: string): string => `case when jsonb_typeof(${value}) = 'object' then ${value} end`;
const listIn = (value: string): string => `case when jsonb_typeof(${value}) = 'array' then ${value} end`;

/** A document whose texts equal those of columns. Nearly none needs a change, and to look costs less than the call. */
const asColumns = (json: string): string =>
  `case when strpos(${json}::text, '\\u') > 0 then {{schema}}.as_columns(${json}) else ${json} end`;

/**
 * What checks look at, each part once: jobs with what their control says of them, the passes that are open, the
 * messages somebody will still act on, hooks and work items. Only what has not expired. A job whose control cannot be
 * read takes part in nothing else, so that one broken row is one finding. Nothing in here fails, whatever is stored:
 * documents are taken apart only where their types have been looked at.
 */
export const storedState = `
job as materialized (
  select j.id, j.generation, j.revision, j.plan, j.topic, j.phase, j.status, j.expire_at, c.control, n.queued,
    n.joining,
    n.passes + n.queued + n.joining as obligations,
    r.is_readable,
    r.is_readable and j.phase <> 'pending' and n.passes + n.queued + n.joining = 0 as is_over,
    {{schema}}.as_jsonb(${asColumns("j.parent")}) as parent
  from {{schema}}.job as j
  cross join lateral (select {{schema}}.as_jsonb(${asColumns("j.control")}) as control offset 0) as c
  cross join lateral (
    select
      (select count(*) from jsonb_each(${objectIn("c.control -> 'open'")})) as passes,
      (
        select count(*)
        from jsonb_array_elements(${listIn("c.control -> 'queue'")})
      ) as queued,
      (
        select count(*)
        from jsonb_each(${objectIn("c.control -> 'joins'")}) as w
        where w.value ->> 'entered' is distinct from 'true'
      ) as joining
    offset 0
  ) as n
  cross join lateral (
    select jsonb_typeof(c.control) = 'object'
      and ${isText("c.control -> 'app'")}
      and ${isText("c.control -> 'trigger'")}
      and ${isText("c.control -> 'slice'")}
      and ${["open", "joins", "counters", "lineages", "pivots"].map((name) => mayBe(name, "object")).join(" and ")}
      and ${mayBe("queue", "array")}
      and not exists (
        select 1
        from jsonb_each(${objectIn("c.control -> 'open'")}) as p
        where not coalesce(
          p.key = (p.value ->> 'activity') || (p.value ->> 'address')
            and p.value ->> 'waits' in ('work', 'child', 'hook')
            and jsonb_typeof(p.value -> 'via') = 'array'
            and jsonb_typeof(p.value -> 'enteredAt') = 'number'
            and coalesce(jsonb_typeof(p.value -> 'code'), 'object') = 'object'
            and coalesce(jsonb_typeof(p.value -> 'operation'), 'object') = 'object',
          false
        )
      )
      and not exists (
        select 1
        from jsonb_array_elements(${listIn("c.control -> 'queue'")}) as q
        where not coalesce(
          ${isText("q.value -> 'to'")} and ${isText("q.value -> 'from'")} and ${isText("q.value -> 'base'")}
            and jsonb_typeof(q.value -> 'via') = 'array',
          false
        )
      )
      and not exists (
        select 1
        from jsonb_each(${objectIn("c.control -> 'joins'")}) as w
        where not coalesce(
          ${isText("w.value -> 'activity'")} and ${isText("w.value -> 'fork'")}
            and jsonb_typeof(w.value -> 'entered') = 'boolean'
            and jsonb_typeof(w.value -> 'arrived') = 'array',
          false
        )
      ) as is_readable
    offset 0
  ) as r
  where j.expire_at is null or j.expire_at > $1::bigint
),
pass as materialized (
  select j.id as job_id, j.generation, j.plan, j.topic as graph, p.key as path, p.value ->> 'activity' as activity,
    p.value ->> 'waits' as waits, p.value ->> 'topic' as topic, p.value ->> 'child' as child,
    p.value ->> 'escalation' as escalation, p.value ->> 'passes' as passes, p.value -> 'code' as code,
    p.value -> 'operation' ->> 'of' as function_path
  from job as j
  cross join lateral jsonb_each(${objectIn("j.control -> 'open'")}) as p
  where j.is_readable
),
live as materialized (
  select m.key, m.topic, m.kind, m.job_id, m.generation, m.path, m.held, m.visible_at, m.lease_token, m.lease_until,
    m.lease_holder, m.parked_reason,
    case when m.kind = 'resume' then {{schema}}.as_columns(m.body) ->> 'turn' end as turn
  from {{schema}}.message as m
  where m.dead_lettered_at is null
),
hook as materialized (
  select h.job_id, h.path, h.lookup, h.generation, h.topic, h.signal_key, h.timeout_at
  from {{schema}}.hook as h
),
item as materialized (
  select e.id, e.workflow_id, e.signal_key, e.wait
  from public.hmsh_escalations as e
  where e.namespace = {{namespace}} and e.app_id = {{app}} and e.status = 'pending' and e.wait is not null
),
item_wait as materialized (
  select p.job_id, p.generation, p.path, p.escalation,
    ${derivedId({ generation: "p.generation", path: "p.path" }, '"escalation",0')} as wait
  from pass as p
  where p.escalation is not null
),
child_wait as materialized (
  select p.job_id, p.generation, p.path, p.child,
    ${derivedId({ generation: "p.generation", path: "p.path" }, '"generation"')} as child_generation
  from pass as p
  where p.waits = 'child'
),
present as materialized (
  select m.guid, m.role, m.topic
  from {{schema}}.member as m
  where m.seen_at > $1::bigint - {{gone}}
)`;

/** Of a finding about a row that names a job and a pass. */
export const samePass = (row: string, pass: string): string =>
  `${row}.job_id = ${pass}.job_id and ${row}.generation = ${pass}.generation and ${row}.path = ${pass}.path`;

/** Of a row that belongs to a job as it is now. */
export const sameJob = (row: string, job: string): string =>
  `${row}.job_id = ${job}.id and ${row}.generation = ${job}.generation`;
