import type { Check } from "./check.js";
import { lookupOf } from "./sql-text.js";
import { sameJob, samePass } from "./stored-state.js";

/** Something that ends a wait is under way. */
const endingOf = (wait: string): string =>
  `exists (select 1 from live as m where ${samePass("m", wait)} and m.kind in ('signal', 'complete'))`;

/** What jobs wait for besides work and children: signals, timers and people. */
export const waitChecks: readonly Check[] = [
  {
    name: "hook-without-job",
    severity: "broken",
    meaning: "A hook is of a job that is not there, or of an earlier one with the same id.",
    sql: `
      select h.job_id as job, null::text as message,
        format('%s waits for %s, of generation %s', h.path, h.topic, h.generation) as detail
      from hook as h
      where not exists (select 1 from {{schema}}.job as j where ${sameJob("h", "j")})`,
  },
  {
    name: "hook-of-closed-job",
    severity: "broken",
    meaning: "A hook is of a job that is over: it takes signals that nobody gets.",
    sql: `
      select h.job_id as job, null::text as message, format('%s waits for %s', h.path, h.topic) as detail
      from hook as h
      join job as j on ${sameJob("h", "j")}
      where j.is_over`,
  },
  {
    name: "hook-without-wait",
    severity: "broken",
    meaning: "A hook is of a pass that does not wait: it takes signals that nobody gets.",
    sql: `
      select h.job_id as job, null::text as message, format('%s does not wait for %s', h.path, h.topic) as detail
      from hook as h
      join job as j on ${sameJob("h", "j")}
      where j.is_readable
        and not j.is_over
        and not exists (select 1 from pass as p where ${samePass("p", "h")} and p.waits = 'hook')`,
  },
  {
    name: "hook-unreachable",
    severity: "broken",
    meaning: "A hook is filed under a digest that no signal for it has.",
    sql: `
      select h.job_id as job, null::text as message, format('%s of %s', h.path, h.topic) as detail
      from hook as h
      where h.lookup <> ${lookupOf("h.topic", "h.signal_key")}`,
  },
  {
    name: "hook-missing",
    severity: "attention",
    meaning: "No signal can reach a pass, only its timer: its hook is gone, or its rule expects an undefined value.",
    sql: `
      select p.job_id as job, null::text as message, format('%s waits for %s', p.path, p.topic) as detail
      from pass as p
      where p.waits = 'hook'
        and p.topic is not null
        and not exists (select 1 from hook as h where ${samePass("h", "p")})
        and exists (select 1 from live as m where ${samePass("m", "p")} and m.kind = 'wake')
        and not ${endingOf("p")}`,
  },
  {
    name: "timer-missing",
    severity: "broken",
    meaning: "A wait has a time limit, and its timer is gone.",
    sql: `
      select distinct h.job_id as job, null::text as message, format('%s waits for %s', h.path, h.topic) as detail
      from hook as h
      join pass as p on ${samePass("p", "h")} and p.waits = 'hook'
      where h.timeout_at is not null
        and not exists (select 1 from live as m where ${samePass("m", "h")} and m.kind = 'wake')
        and not ${endingOf("h")}`,
  },
  {
    name: "item-missing",
    severity: "broken",
    meaning: "A pass waits for people, and its work item is not pending.",
    sql: `
      select w.job_id as job, null::text as message, format('%s with the key %s', w.path, w.escalation) as detail
      from item_wait as w
      where not exists (select 1 from item as e where e.wait = w.wait) and not ${endingOf("w")}`,
  },
  {
    name: "item-without-wait",
    severity: "broken",
    meaning: "A work item is pending, and nobody waits for it.",
    sql: `
      select e.workflow_id as job, null::text as message,
        format('item %s with the key %s', e.id, e.signal_key) as detail
      from item as e
      where not exists (select 1 from item_wait as w where w.wait = e.wait)
        and not exists (select 1 from job as j where j.id = e.workflow_id and not j.is_readable)`,
  },
];
