import type { Check } from "./check.js";
import { sameJob, samePass } from "./stored-state.js";

/** What the newest message to go on says. */
const latestTurn = `(
  case when jsonb_typeof(j.control -> 'resumes') = 'number' then (j.control ->> 'resumes')::numeric else 0 end - 1
)::text`;

/** Jobs by themselves, and whether something can move them. */
export const jobChecks: readonly Check[] = [
  {
    name: "control-unreadable",
    severity: "broken",
    meaning: "The bookkeeping of a job is not of the form that engines write.",
    sql: `
      select j.id as job, null::text as message, 'begins with ' || left(j.control::text, 60) as detail
      from job as j
      where not j.is_readable`,
  },
  {
    name: "status-mismatch",
    severity: "broken",
    meaning: "Phase and status of a job are not what its open obligations make them.",
    sql: `
      select j.id as job, null::text as message,
        format('%s with status %s and %s open obligations', j.phase, j.status, j.obligations) as detail
      from job as j
      where j.is_readable
        and not case j.phase
          when 'running' then j.status = j.obligations and j.obligations > 0
          when 'failed' then j.status = j.obligations
          when 'completed' then j.status = 0 and j.obligations = 0
          when 'interrupted' then j.status < -900000000 and j.obligations = 0
          when 'pending' then j.status = -1 and j.obligations = 0
          else false
        end`,
  },
  {
    name: "job-malformed",
    severity: "broken",
    meaning: "A job has no generation, no revision, or was changed before it was made.",
    sql: `
      select j.id as job, null::text as message,
        format('generation ''%s'', revision %s, made at %s, changed at %s', j.generation, j.revision, j.created_at,
          j.updated_at) as detail
      from {{schema}}.job as j
      where j.generation = '' or j.revision < 1 or j.updated_at < j.created_at`,
  },
  {
    name: "job-stuck",
    severity: "broken",
    meaning: "A job is open, and no message, timer, hook or child is there that could ever move it.",
    sql: `
      select j.id as job, null::text as message, 'it is pending and never expires' as detail
      from job as j
      where j.is_readable and j.phase = 'pending' and j.expire_at is null
      union all
      select j.id, null, format('%s hops are left over, and no message goes on with them', j.queued)
      from job as j
      where j.is_readable
        and j.queued > 0
        and not exists (
          select 1
          from live as m
          where ${sameJob("m", "j")}
            and m.kind = 'resume'
            and m.turn = ${latestTurn}
        )
      union all
      select j.id, null, 'only joins are open, and nothing can arrive at them'
      from job as j
      where j.is_readable and j.joining > 0 and j.obligations = j.joining
      union all
      select p.job_id, null, format('nobody works on %s', p.path)
      from pass as p
      where p.waits = 'work'
        and coalesce(p.passes, '0') = '0'
        and coalesce(p.code ->> 'running', 'true') = 'true'
        and not exists (select 1 from live as m where ${samePass("m", "p")})
      union all
      select p.job_id, null, format('no signal and no timer can reach %s', p.path)
      from pass as p
      where p.waits = 'hook'
        and not exists (select 1 from live as m where ${samePass("m", "p")})
        and not exists (select 1 from hook as h where ${samePass("h", "p")})`,
  },
  {
    name: "function-idle",
    severity: "attention",
    meaning: "A function waits for nothing that HotMesh knows of: it awaits a promise of its own that never settles.",
    sql: `
      select p.job_id as job, null::text as message,
        format('%s at %s has asked for nothing that is open', p.code ->> 'workflowName', p.path) as detail
      from pass as p
      where p.code ->> 'running' = 'false'
        and p.code ->> 'ended' = 'false'
        and not exists (
          select 1
          from pass as o
          where o.job_id = p.job_id and o.generation = p.generation and o.function_path = p.path
        )`,
  },
  {
    name: "child-lost",
    severity: "broken",
    meaning: "A job waits for a child that is over or gone, and no answer of it is under way.",
    sql: `
      select w.job_id as job, null::text as message,
        format('%s waits for %s, which is %s', w.path, w.child,
          coalesce((select j.phase from job as j where j.generation = w.child_generation limit 1), 'not there')
        ) as detail
      from child_wait as w
      where not exists (select 1 from live as m where ${samePass("m", "w")})
        and not exists (select 1 from job as j where j.generation = w.child_generation and not j.is_over)
        and not exists (select 1 from live as m where m.kind = 'start' and m.generation = w.child_generation)`,
  },
  {
    name: "child-unawaited",
    severity: "information",
    meaning: "A child goes on though the parent that began it does not wait any more.",
    sql: `
      select j.id as job, null::text as message,
        format('%s of %s does not wait', j.parent ->> 'path', j.parent ->> 'job') as detail
      from job as j
      where j.is_readable
        and not j.is_over
        and j.parent ->> 'awaits' = 'true'
        and j.control ->> 'answered' is distinct from 'true'
        and not exists (
          select 1
          from pass as p
          where p.job_id = j.parent ->> 'job'
            and p.generation = j.parent ->> 'generation'
            and p.path = j.parent ->> 'path'
        )
        and not exists (select 1 from job as o where o.id = j.parent ->> 'job' and not o.is_readable)`,
  },
];
