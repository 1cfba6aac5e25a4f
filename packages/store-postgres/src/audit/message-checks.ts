import { type Check, patienceMs } from "./check.js";
import { timeOf } from "./sql-text.js";
import { sameJob, samePass } from "./stored-state.js";

/** Work and timers go with what they were for. Answers and signals may come late: whoever takes them drops them. */
const lasting = "m.parked_reason is null and (m.topic is not null or m.kind = 'wake')";

const what = `format('%s for %s at %s', m.kind, coalesce(m.topic, 'the engines'), coalesce(m.path, 'no pass'))`;

/** Messages and the jobs they are about. */
export const messageChecks: readonly Check[] = [
  {
    name: "message-parked",
    severity: "attention",
    meaning: "An engine could not decide a message: its job stands still, or a request was refused.",
    sql: `
      select m.job_id as job, m.key as message,
        m.kind || ': ' || left(split_part(m.parked_reason, chr(10), 1), 300) as detail
      from {{schema}}.message as m
      where m.parked_reason is not null`,
  },
  {
    name: "message-dead",
    severity: "information",
    meaning: "A message was handed out too often without an answer, and is kept for people to see.",
    sql: `
      select m.job_id as job, m.key as message,
        format('%s, handed out %s times, given up at %s', m.topic, m.deliveries, ${timeOf("m.dead_lettered_at")})
          as detail
      from {{schema}}.message as m
      where m.dead_lettered_at is not null`,
  },
  {
    name: "message-without-job",
    severity: "broken",
    meaning: "Work or a timer is for a job that is not there.",
    sql: `
      select m.job_id as job, m.key as message, ${what} as detail
      from live as m
      where ${lasting}
        and m.job_id is not null
        and not exists (select 1 from {{schema}}.job as j where j.id = m.job_id)`,
  },
  {
    name: "message-of-other-generation",
    severity: "broken",
    meaning: "Work or a timer is for an earlier job with the same id.",
    sql: `
      select m.job_id as job, m.key as message, ${what} || format(', generation %s', m.generation) as detail
      from live as m
      join {{schema}}.job as j on j.id = m.job_id and j.generation <> m.generation
      where ${lasting}`,
  },
  {
    name: "message-of-closed-job",
    severity: "broken",
    meaning: "Work or a timer is for a job that is over.",
    sql: `
      select m.job_id as job, m.key as message, ${what} as detail
      from live as m
      join job as j on ${sameJob("m", "j")}
      where ${lasting} and j.is_over`,
  },
  {
    name: "work-without-wait",
    severity: "broken",
    meaning: "Work is for a pass that does not wait for it.",
    sql: `
      select m.job_id as job, m.key as message, ${what} as detail
      from live as m
      join job as j on ${sameJob("m", "j")}
      where ${lasting}
        and m.topic is not null
        and j.is_readable
        and not j.is_over
        and not exists (select 1 from pass as p where ${samePass("p", "m")} and p.waits = 'work')`,
  },
  {
    name: "timer-without-wait",
    severity: "broken",
    meaning: "A timer is for a pass that does not wait for it.",
    sql: `
      select m.job_id as job, m.key as message, ${what} as detail
      from live as m
      join job as j on ${sameJob("m", "j")}
      where m.parked_reason is null
        and m.topic is null
        and m.kind = 'wake'
        and j.is_readable
        and not j.is_over
        and not exists (select 1 from pass as p where ${samePass("p", "m")} and p.waits = 'hook')`,
  },
  {
    name: "work-doubled",
    severity: "broken",
    meaning: "There is work for a pass more than once.",
    sql: `
      select m.job_id as job, min(m.key) as message, format('%s messages for %s', count(*), m.path) as detail
      from live as m
      where m.topic is not null and m.job_id is not null and m.path is not null
      group by m.job_id, m.generation, m.path
      having count(*) > 1`,
  },
  {
    name: "engine-overdue",
    severity: "attention",
    meaning: "Messages for engines are due for minutes: no engine runs, or all have too much to do.",
    sql: `
      select null::text as job, null::text as message,
        format('%s messages, the oldest due since %s', count(*), ${timeOf("min(m.visible_at)")}) as detail
      from live as m
      where m.topic is null
        and m.parked_reason is null
        and m.visible_at < $1::bigint - ${patienceMs.engine}
        and not exists (
          select 1 from {{schema}}.message as p where p.job_id = m.job_id and p.parked_reason is not null
        )
      having count(*) > 0`,
  },
  {
    name: "topic-unserved",
    severity: "attention",
    meaning: "Work is due on a topic that no present worker serves.",
    sql: `
      select null::text as job, null::text as message,
        format('%s: %s messages, the oldest due since %s', m.topic, count(*), ${timeOf("min(m.visible_at)")}) as detail
      from live as m
      where m.topic is not null
        and m.parked_reason is null
        and not m.held
        and m.lease_token is null
        and m.visible_at < $1::bigint - ${patienceMs.worker}
        and not exists (select 1 from present as p where p.role = 'worker' and p.topic = m.topic)
      group by m.topic`,
  },
];
