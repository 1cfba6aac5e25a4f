import {
  type ActivityPlan,
  type Commit,
  type InboundMessage,
  type JobRecord,
  joinReads,
  keyAfter,
  type Plan,
  type Program,
  type Settlement,
  type Snapshot,
} from "@hotmesh/core";
import { decodeControl, encodeControl, type OpenPass, type Prng } from "@hotmesh/core/testing";
import type { Sabotage } from "./sabotage.js";

/** A bug that somebody could write, and that the laws must find. */
export interface Mutant {
  readonly name: string;
  /** Plants it into a new world. */
  plant(): Sabotage;
}

export const mutants: readonly Mutant[] = [
  commits("timers are never stored", (commit) => withoutSends(commit, "wake")),
  commits("the result of a child is dropped", (commit) => withoutSends(commit, "complete")),
  commits("the start of a child is dropped", (commit) => withoutSends(commit, "start")),
  commits("hops that were left over are forgotten", (commit) => withoutSends(commit, "resume")),
  commits("cancels are ignored, so that late timers fire", (commit) => ({ ...commit, cancels: [] })),
  commits("hooks stay when their wait closes", (commit) => ({ ...commit, hooksClosed: [] })),
  commits("work items outlive their waits", (commit) => ({ ...commit, escalationsClosed: [] })),
  commits("work items are never opened", (commit) => ({ ...commit, escalationsOpened: [] })),
  commits("early signals are not kept", (commit) => ({ ...commit, signals: [] })),
  commits("only the first job of a batch is written", (commit) => ({ ...commit, jobs: commit.jobs.slice(0, 1) })),
  commits("the semaphore is off by one", (commit) => ({ ...commit, jobs: commit.jobs.map(offByOne) })),
  plans("a join enters at the first arrival", (activity) =>
    activity.join === null ? activity : { ...activity, join: "any" },
  ),
  plans("a join is entered once per arrival", (activity) => ({ ...activity, join: null })),
  { name: "a lease is not needed to answer", plant: () => ({ without: ["lease"] }) },
  { name: "messages are seen before they are due", plant: () => ({ without: ["due"] }) },
  { name: "a lease never ends", plant: () => ({ leaseMs: () => 1e12 }) },
  { name: "a retry forgets the attempts before it", plant: () => ({ lease: (lease) => ({ ...lease, attempt: 0 }) }) },
  { name: "a retry is lost", plant: () => lostAfterSettling(retryKey) },
  { name: "an answer is consumed without being stored", plant: () => lostAfterSettling(answerKey) },
  { name: "a crashed step has consumed its messages", plant: consumesWhenCrashed },
  { name: "a duplicate start is accepted", plant: acceptsDuplicates },
  { name: "a stale snapshot is written without a guard", plant: trustsStaleSnapshots },
  { name: "a start trusts the version it saw first", plant: remembersActivation },
  { name: "a job that goes on later reads nothing", plant: () => ({ program: readsNothingLater }) },
  { name: "a closed pass takes another answer", plant: reopensPasses },
];

function commits(name: string, change: (commit: Commit) => Commit): Mutant {
  const program = (original: Program): Program => ({
    reads: (messages) => original.reads(messages),
    decide: (messages, snapshot) => {
      const commit = original.decide(messages, snapshot);
      return "verdicts" in commit ? change(commit) : commit;
    },
  });
  return { name, plant: () => ({ program }) };
}

function plans(name: string, change: (activity: ActivityPlan) => ActivityPlan): Mutant {
  const plan = (original: Plan): Plan => ({
    ...original,
    graphs: original.graphs.map((graph) => ({ ...graph, activities: graph.activities.map(change) })),
  });
  return { name, plant: () => ({ plan }) };
}

function readsNothingLater(original: Program): Program {
  return {
    reads: (messages) => original.reads(messages.filter(({ kind }) => kind !== "resume")),
    decide: (messages, snapshot) => {
      const reads = original.reads(messages);
      // It takes what it did not ask for to be absent.
      const asked = "missing" in reads ? snapshot.asked : joinReads(snapshot.asked, reads);
      return original.decide(messages, { ...snapshot, asked });
    },
  };
}

function withoutSends(commit: Commit, kind: string): Commit {
  return { ...commit, sends: commit.sends.filter((message) => message.kind !== kind) };
}

function offByOne(write: Commit["jobs"][number]): Commit["jobs"][number] {
  const { record } = write;
  return record.status > 0 ? { ...write, record: { ...record, status: record.status + 1 } } : write;
}

/** Something that follows from a settlement gets lost on its way into the storage. */
function lostAfterSettling(keyOf: (settlement: Settlement) => string | null): Sabotage {
  return {
    settled: (settlements, database) => {
      for (const settlement of settlements) {
        const key = keyOf(settlement);
        if (key !== null) database.tables.messages.remove(key);
      }
    },
  };
}

function retryKey({ lease, outcome }: Settlement): string | null {
  return outcome.kind === "retry" ? keyAfter(lease.key, "retry", lease.attempt + 1) : null;
}

function answerKey({ lease, outcome }: Settlement): string | null {
  return outcome.kind === "answer" ? keyAfter(lease.key, "answer") : null;
}

function consumesWhenCrashed(): Sabotage {
  return {
    crashed: (messages, database) => {
      for (const { key, source } of messages) if (source === "stored") database.tables.messages.remove(key);
    },
  };
}

/** The step does not see the job whose id a start wants to take. */
function acceptsDuplicates(): Sabotage {
  return {
    without: ["revision"],
    program: (original) => seeing(original, hideStarted),
  };
}

function hideStarted(messages: readonly InboundMessage[], snapshot: Snapshot): Snapshot {
  const jobs = new Map(snapshot.jobs);
  for (const { kind, job } of messages) if (kind === "start" && job !== null) jobs.delete(job);
  return { ...snapshot, jobs };
}

/** Sometimes a step sees a job as it was before the last commit, as if it had read before it had the lock. */
function trustsStaleSnapshots(): Sabotage {
  const before = new Map<string, JobRecord>();
  const now = new Map<string, JobRecord>();
  const stale = (prng: Prng) => (_: readonly InboundMessage[], snapshot: Snapshot) => {
    const jobs = new Map(snapshot.jobs);
    for (const [id, record] of snapshot.jobs) {
      const known = now.get(id);
      if (known !== undefined && known.revision < record.revision) before.set(id, known);
      now.set(id, record);
      const old = before.get(id);
      if (old !== undefined && old.generation === record.generation && prng.chance(0.2)) jobs.set(id, old);
    }
    return { ...snapshot, jobs };
  };
  return { without: ["revision"], program: (original, prng) => seeing(original, stale(prng)) };
}

function remembersActivation(): Sabotage {
  let first: Snapshot["activation"] = null;
  const stale = (_: readonly InboundMessage[], snapshot: Snapshot): Snapshot => {
    first ??= snapshot.activation;
    return { ...snapshot, activation: snapshot.activation === null ? null : first };
  };
  return { program: (original) => seeing(original, stale) };
}

/** A wait that has closed is taken for open when a late answer comes. */
function reopensPasses(): Sabotage {
  const open = new Map<string, OpenPass>();
  const reopened = (messages: readonly InboundMessage[], snapshot: Snapshot): Snapshot => {
    const jobs = new Map(snapshot.jobs);
    for (const [id, record] of snapshot.jobs) {
      const control = decodeControl(record.control);
      const passes = new Map(control.open);
      for (const [path, pass] of passes) open.set(`${record.generation} ${path}`, pass);
      for (const { job, path } of messages) {
        const known = job === id && path !== null ? open.get(`${record.generation} ${path}`) : undefined;
        if (known !== undefined && path !== null) passes.set(path, known);
      }
      jobs.set(id, { ...record, control: encodeControl({ ...control, open: passes }) });
    }
    return { ...snapshot, jobs };
  };
  return { program: (original) => seeing(original, reopened) };
}

function seeing(
  original: Program,
  change: (messages: readonly InboundMessage[], snapshot: Snapshot) => Snapshot,
): Program {
  return {
    reads: (messages) => original.reads(messages),
    decide: (messages, snapshot) => original.decide(messages, change(messages, snapshot)),
  };
}
