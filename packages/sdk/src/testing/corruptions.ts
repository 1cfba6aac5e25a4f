import { randomUUID } from "node:crypto";

/** Something that is broken by hand. */
export interface Corruption {
  readonly what: string;
  /** The check that finds it. */
  readonly check: string;
  /** Whose storage it is done to. */
  readonly app: string;
  /** How it is done. */
  readonly plant: string;
}

/** Every corruption, of an app of graphs and an app of functions. */
export function corruptionsOf({ graphs, functions }: Record<"graphs" | "functions", string>): readonly Corruption[] {
  return planted.map(([what, check, plant]) => ({
    what,
    check,
    app: plant.includes(f) ? functions : graphs,
    plant: plant.replaceAll(g, `"${graphs}"`).replaceAll(f, `"${functions}"`).replaceAll("{{name}}", graphs),
  }));
}

const hour = 3_600_000;
const now = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";
const g = "{{graphs}}";
const f = "{{functions}}";

/** Takes a pass out of the control of a job, and counts its status down. */
const forgetPass = (schema: string, job: string, path: string): string =>
  `update ${schema}.job set status = status - 1,
    control = jsonb_set(control::jsonb, '{open}', (control::jsonb -> 'open') - '${path}')::json where id = '${job}'`;

/** A copy of a message under another key. */
const copyMessage = (schema: string, job: string, change: string): string =>
  `insert into ${schema}.message (key, topic, kind, job_id, generation, path, body, visible_at, attempt, created_at)
    select key || ' again', topic, kind, job_id, generation, path, body, visible_at, attempt, created_at
    from ${schema}.message where job_id = '${job}' and topic is not null limit 1;
  update ${schema}.message set ${change} where key like '% again'`;

/** What is done, the check that is to find it, and how it is done. */
const planted: readonly (readonly [what: string, check: string, plant: string])[] = [
  ["control that is no control", "control-unreadable", `update ${g}.job set control = '[1]' where id = 'nap'`],
  [
    "an open pass without what passes have",
    "control-unreadable",
    `update ${g}.job set control = replace(control::text, '"waits"', '"awaits"')::json where id = 'sign'`,
  ],
  [
    "control with counts that are none",
    "control-unreadable",
    `update ${g}.job set control = '{"app":"a","trigger":"b","slice":"0","open":7,"resumes":"x"}' where id = 'nap'`,
  ],
  ["control beyond all numbers", "control-unreadable", `update ${g}.job set control = '1e999999' where id = 'nap'`],
  ["a status that is one too high", "status-mismatch", `update ${g}.job set status = status + 1 where id = 'nap'`],
  ["a phase that is not the job's", "status-mismatch", `update ${g}.job set phase = 'running' where id = 'done'`],
  ["a job without a revision", "job-malformed", `update ${g}.job set revision = 0 where id = 'done'`],
  ["work that is lost", "job-stuck", `delete from ${g}.message where job_id = 'queued'`],
  ["a retry that is lost", "job-stuck", `delete from ${g}.message where job_id = 'flaky'`],
  ["a timer that is lost", "job-stuck", `delete from ${g}.message where job_id = 'nap'`],
  ["hops that nobody goes on with", "job-stuck", `delete from ${g}.message where job_id = 'paused'`],
  ["a pending job that never expires", "job-stuck", `update ${g}.job set expire_at = null where id = 'later'`],
  ["a hook that is lost, without a timer", "job-stuck", `delete from ${g}.hook where job_id = 'ask'`],
  [
    "an entry of a function that is lost",
    "job-stuck",
    `update ${f}.job set control = replace(control::text, '"running":false', '"running":true')::json
      where id = 'sleeper'`,
  ],
  ["an activity of a function that is lost", "job-stuck", `delete from ${f}.message where job_id = 'caller'`],
  ["the timer of a function that is lost", "job-stuck", `delete from ${f}.message where job_id = 'sleeper'`],
  [
    "a function whose wait is forgotten",
    "function-idle",
    `${forgetPass(f, "listener", "wait,0,0,0,1")};
    delete from ${f}.hook where job_id = 'listener' and path like 'wait,%'`,
  ],
  [
    "a child that is over and said nothing",
    "child-lost",
    `update ${g}.job set phase = 'completed', status = 0,
      control = (control::jsonb - 'open')::json where id = 'child';
    delete from ${g}.message where job_id = 'child'`,
  ],
  [
    "a child of a function that is gone",
    "child-lost",
    `delete from ${f}.message where job_id = 'begotten'; delete from ${f}.hook where job_id = 'begotten';
    delete from ${f}.activity where job_id = 'begotten'; delete from ${f}.job where id = 'begotten'`,
  ],
  [
    "a parent that has closed without its child",
    "child-unawaited",
    `update ${g}.job set phase = 'completed', status = 0, control = (control::jsonb - 'open')::json
      where id = 'parent'`,
  ],
  ["an active version that was never deployed", "activation-broken", `update ${g}.app set version = '7'`],
  ["the plan of no version as the active one", "activation-broken", `update ${g}.app set plan = 'other'`],
  ["no row of the app", "activation-broken", `delete from ${g}.app`],
  ["a job of a plan that is missing", "plan-missing", `update ${g}.job set plan = 'other' where id = 'nap'`],
  [
    "a plan that was changed",
    "plan-altered",
    `update ${g}.plan set document = replace(document::text, '"seconds"', '"minutes"')::json`,
  ],
  [
    "a pass of an activity that the graph does not have",
    "pass-unknown",
    `update ${g}.job set control = replace(control::text, 'nap,0', 'nip,0')::json where id = 'nap';
    update ${g}.job set control = replace(control::text, '"activity":"nap"', '"activity":"nip"')::json where id = 'nap';
    update ${g}.message set path = replace(path, 'nap', 'nip') where job_id = 'nap'`,
  ],
  [
    "a parked message",
    "message-parked",
    `update ${g}.message set parked_reason = 'Error: no such thing' where job_id = 'nap'`,
  ],
  ["a dead letter", "message-dead", copyMessage(g, "queued", `dead_lettered_at = ${now}`)],
  ["work of a job that is gone", "message-without-job", copyMessage(g, "queued", `job_id = 'nobody'`)],
  [
    "work of an earlier job with the same id",
    "message-of-other-generation",
    copyMessage(g, "queued", `generation = 'earlier'`),
  ],
  [
    "work of a job that is over",
    "message-of-closed-job",
    copyMessage(g, "queued", `job_id = 'done', generation = (select generation from ${g}.job where id = 'done')`),
  ],
  ["work of a closed pass", "work-without-wait", copyMessage(g, "queued", `path = 'work,0,9'`)],
  [
    "a timer of a closed pass",
    "timer-without-wait",
    copyMessage(g, "queued", `topic = null, kind = 'wake', path = 'nap,0,9', visible_at = ${now} + ${hour}`),
  ],
  ["work that is there twice", "work-doubled", copyMessage(g, "queued", "attempt = 1")],
  [
    "an answer that no engine takes",
    "engine-overdue",
    copyMessage(g, "queued", `topic = null, kind = 'complete', visible_at = ${now} - ${hour}`),
  ],
  [
    "work that no worker takes",
    "topic-unserved",
    `update ${g}.message set visible_at = ${now} - ${hour} where job_id = 'queued'`,
  ],
  ["half a lease", "lease-malformed", `update ${g}.message set lease_until = ${now} where job_id = 'queued'`],
  [
    "the lease of another message",
    "lease-malformed",
    `update ${g}.message set lease_until = ${now} + 1000, lease_token = '${randomUUID()} other'
      where job_id = 'queued'`,
  ],
  [
    "a lease for centuries",
    "lease-too-long",
    `update ${g}.message set lease_until = 9e15, lease_token = '${randomUUID()} ' || key where job_id = 'queued'`,
  ],
  [
    "the lease of somebody who is gone",
    "lease-abandoned",
    `update ${g}.message set lease_until = ${now} - ${hour}, lease_token = '${randomUUID()} ' || key,
      lease_holder = 'nobody' where job_id = 'queued'`,
  ],
  [
    "a hook of a job that is gone",
    "hook-without-job",
    `insert into ${g}.hook (job_id, path, lookup, generation, topic, signal_key, opened_at)
      select 'nobody', path, lookup, generation, topic, signal_key, opened_at from ${g}.hook where job_id = 'ask'`,
  ],
  [
    "a hook of an earlier job with the same id",
    "hook-without-job",
    `insert into ${g}.hook (job_id, path, lookup, generation, topic, signal_key, opened_at)
      select 'done', path, lookup, 'earlier', topic, signal_key, opened_at from ${g}.hook where job_id = 'ask'`,
  ],
  [
    "a hook of a job that is over",
    "hook-of-closed-job",
    `insert into ${g}.hook (job_id, path, lookup, generation, topic, signal_key, opened_at)
      select j.id, h.path, h.lookup, j.generation, h.topic, h.signal_key, h.opened_at
      from ${g}.hook as h, ${g}.job as j where h.job_id = 'ask' and j.id = 'done'`,
  ],
  [
    "a hook of a closed pass",
    "hook-without-wait",
    `insert into ${g}.hook (job_id, path, lookup, generation, topic, signal_key, opened_at)
      select job_id, 'sign,0,9', lookup, generation, topic, signal_key, opened_at from ${g}.hook where job_id = 'ask'`,
  ],
  ["a hook that no signal finds", "hook-unreachable", `update ${g}.hook set lookup = 'x' where job_id = 'ask'`],
  ["a hook that is lost, with a timer", "hook-missing", `delete from ${g}.hook where job_id = 'sign'`],
  ["the timer of a hook that is lost", "timer-missing", `delete from ${g}.message where job_id = 'sign'`],
  [
    "a work item that somebody deleted",
    "item-missing",
    `delete from public.hmsh_escalations where app_id = '{{name}}' and workflow_id = 'ask'`,
  ],
  [
    "a work item that nobody waits for",
    "item-without-wait",
    `insert into public.hmsh_escalations (namespace, app_id, signal_key, workflow_id, wait)
      values ('hmsh', '{{name}}', 'stray', 'done', 'stray')`,
  ],
  [
    "what an activity of a lost job made",
    "activity-without-job",
    `update ${g}.activity set job_id = 'nobody' where job_id = 'done'`,
  ],
  [
    "what an activity of an earlier job made",
    "activity-without-job",
    `update ${g}.activity set generation = 'earlier' where job_id = 'done'`,
  ],
  ["an attempt of a job that is gone", "attempt-without-job", `update ${g}.failed_attempt set job_id = 'nobody'`],
  ["an attempt of an earlier job", "attempt-without-job", `update ${f}.failed_attempt set generation = 'earlier'`],
  [
    "a job that expired and stayed",
    "expiry-unfinished",
    `update ${g}.job set expire_at = ${now} - ${hour} where id = 'done'`,
  ],
  ["an early signal that stayed", "signal-unfinished", `update ${g}.signal set keep_until = ${now} - ${hour}`],
  [
    "a member that left long ago",
    "member-forgotten",
    `insert into ${g}.member (guid, role, connected_at, seen_at) values ('old', 'engine', 0, 0)`,
  ],
  [
    "a counter above the total",
    "counter-inconsistent",
    `update ${g}.counter set value = 99 where field like 'm["count"%'`,
  ],
  ["a counter that is no number", "counter-inconsistent", `update ${g}.counter set value = 'NaN'`],
  ["half a job in a counter", "counter-inconsistent", `update ${g}.counter set value = 2.5 where field = 'm["total"]'`],
];
