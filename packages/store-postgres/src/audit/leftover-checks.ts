import { type Check, patienceMs } from "./check.js";
import { timeOf } from "./sql-text.js";

/** Rows that should have gone with something else, or by now, and numbers that add up to nothing. */
export const leftoverChecks: readonly Check[] = [
  {
    name: "activity-without-job",
    severity: "broken",
    meaning: "What an activity made is of a job that is not there, or of an earlier one with the same id.",
    sql: `
      select a.job_id as job, null::text as message,
        format('%s passes of generation %s', count(*), a.generation) as detail
      from {{schema}}.activity as a
      where not exists (select 1 from {{schema}}.job as j where j.id = a.job_id and j.generation = a.generation)
      group by a.job_id, a.generation`,
  },
  {
    name: "attempt-without-job",
    severity: "attention",
    meaning:
      "A failed attempt is of a job that is not there, or of an earlier one with the same id. Pruning deletes it.",
    sql: `
      select f.job_id as job, f.key as message,
        format('attempt %s for %s', f.attempt, coalesce(f.topic, 'the engines')) as detail
      from {{schema}}.failed_attempt as f
      where f.job_id is not null
        and not exists (
          select 1
          from {{schema}}.job as j
          where j.id = f.job_id and (f.generation is null or j.generation = f.generation)
        )`,
  },
  {
    name: "expiry-unfinished",
    severity: "attention",
    meaning: "A job has expired long ago and is still there: no engine sweeps.",
    sql: `
      select j.id as job, null::text as message, 'expired at ' || ${timeOf("j.expire_at")} as detail
      from {{schema}}.job as j
      where j.expire_at < $1::bigint - ${patienceMs.sweep}`,
  },
  {
    name: "signal-unfinished",
    severity: "attention",
    meaning: "An early signal is kept beyond its time: no engine sweeps.",
    sql: `
      select null::text as job, null::text as message,
        format('%s, kept until %s', g.topic, ${timeOf("g.keep_until")}) as detail
      from {{schema}}.signal as g
      where g.keep_until < $1::bigint - ${patienceMs.sweep}`,
  },
  {
    name: "member-forgotten",
    severity: "attention",
    meaning: "A member is long gone and still listed: nobody cleans up.",
    sql: `
      select null::text as job, null::text as message,
        format('%s %s, seen at %s', m.role, m.guid, ${timeOf("m.seen_at")}) as detail
      from {{schema}}.member as m
      where m.seen_at < $1::bigint - 2 * {{forgotten}}::bigint`,
  },
  {
    name: "counter-inconsistent",
    severity: "broken",
    meaning: "A counter is no number, is none of ours, or counts more jobs than there were under its key.",
    sql: `
      select null::text as job, null::text as message,
        format('%s of %s in %s is %s', c.field, c.name, c.slice, c.value) as detail
      from {{schema}}.counter as c
      cross join lateral (
        select c.field ~ '^(m\\["(total|count|mdn|values)"|i\\[)' as counts_jobs offset 0
      ) as kind
      left join {{schema}}.counter as t on t.name = c.name and t.slice = c.slice and t.field = 'm["total"]'
      where c.field !~ '^(m\\["(total|count|sum|avg|mdn|values)"|i\\[).*\\]$'
        or c.value in ('NaN', 'Infinity', '-Infinity')
        or (kind.counts_jobs and (c.value < 1 or c.value <> floor(c.value) or c.value > coalesce(t.value, 0)))`,
  },
];
