import type { Pool } from "pg";
import { say, table } from "./narrate.js";

/** Questions that the rows answer. The views belong to the app's schema and are stable. */
const questions: readonly { readonly question: string; readonly sql: string }[] = [
  {
    question: "How many jobs are in which state?",
    sql: `select topic, state, count(*)::int as jobs
from "order-fulfilment".jobs
group by topic, state
order by topic, state;`,
  },
  {
    question: "What happened to one order whose payment needed several attempts?",
    sql: `select job_id, activity_id, type, state, attempts, output
from "order-fulfilment".activities
where job_id like (
  select job_id || '%' from (
    select split_part(job_id, '/', 1) as job_id
    from "order-fulfilment".activities
    where activity_id = 'charge' and attempts > 1
    order by job_id
    limit 1
  ) as slow
)
order by started_at, dad, activity_id;`,
  },
  {
    question: "Which attempts failed?",
    sql: `select jid, aid, retry_attempt, error ->> 'message' as error, created_at, expired_at as failed_at
from "order-fulfilment".worker_streams
where expired_at is not null
order by created_at
limit 5;`,
  },
];

/** Asks them, and shows what comes back. */
export async function look(pool: Pool): Promise<void> {
  say("All of it is in ordinary rows (npm start -- --hold lets you ask questions of your own).");
  for (const { question, sql } of questions) {
    const { rows } = await pool.query(sql);
    say(`\n${question}\n\n${sql.replaceAll(/^/gm, "    ")}\n`);
    process.stdout.write(table(rows));
  }
}
