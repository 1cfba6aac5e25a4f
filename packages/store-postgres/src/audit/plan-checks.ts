import type { Check } from "./check.js";
import { digest } from "./sql-text.js";

/** Versions, their plans, and the jobs that run on them. */
export const planChecks: readonly Check[] = [
  {
    name: "activation-broken",
    severity: "broken",
    meaning: "What is active is no version that was deployed and activated, so no job can start as it should.",
    sql: `
      select null::text as job, null::text as message,
        case
          when a.one is null then 'the row of the app is missing'
          when v.version is null then format('version %s is active and was not deployed', coalesce(a.version, 'null'))
          when v.plan is distinct from a.plan then format('version %s is active with the plan of another', a.version)
          else format('version %s is active and was never activated', a.version)
        end as detail
      from (select 1) as always
      left join {{schema}}.app as a on true
      left join {{schema}}.version as v on v.version = a.version
      where a.one is null
        or (a.version is null) <> (a.plan is null)
        or (a.version is not null and (v.plan is distinct from a.plan or v.activated_at is null))`,
  },
  {
    name: "plan-missing",
    severity: "broken",
    meaning: "A version or an open job is of a plan that is not there.",
    sql: `
      select null::text as job, null::text as message, format('version %s has no plan', v.version) as detail
      from {{schema}}.version as v
      where not exists (select 1 from {{schema}}.plan as p where p.id = v.plan)
      union all
      select j.id, null, format('plan %s is not there', j.plan)
      from job as j
      where not j.is_over and j.is_readable and not exists (select 1 from {{schema}}.plan as p where p.id = j.plan)`,
  },
  {
    name: "plan-altered",
    severity: "broken",
    meaning: "A plan is not the one it is called after: its id is the digest of what it says.",
    sql: `
      select null::text as job, null::text as message, format('plan %s of version %s', p.id, p.version) as detail
      from {{schema}}.plan as p
      where p.id <> ${digest(`replace(p.document::text, ',"id":"' || p.id || '"', '')`)}`,
  },
  {
    name: "pass-unknown",
    severity: "broken",
    meaning: "An open pass is of an activity that the graph of its job does not have, so nothing can be decided.",
    sql: `
      select p.job_id as job, null::text as message, format('%s is not of graph %s', p.path, p.graph) as detail
      from pass as p
      join {{schema}}.plan as s on s.id = p.plan
      where p.function_path is null
        and not exists (
          select 1
          from activity_of_plan as a
          where a.plan = p.plan and a.graph = p.graph and a.activity = p.activity
        )`,
  },
];

/** The activities of plans that jobs run on. */
export const planState = `
activity_of_plan as materialized (
  select s.id as plan, g.value ->> 'topic' as graph, a.value ->> 'id' as activity
  from (
    select p.id, {{schema}}.as_columns(p.document) as document
    from {{schema}}.plan as p
    where p.id in (select j.plan from job as j where not j.is_over)
    offset 0
  ) as s
  cross join lateral json_array_elements(
    case when json_typeof(s.document -> 'graphs') = 'array' then s.document -> 'graphs' end
  ) as g
  cross join lateral json_array_elements(
    case when json_typeof(g.value -> 'activities') = 'array' then g.value -> 'activities' end
  ) as a
)`;
